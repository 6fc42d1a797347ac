using System.Text;
using Shop.Payments;

namespace Shop.Tests.Payments;

/// <summary>Who may report, and for how long.</summary>
public sealed class WebhookSignatureTests
{
    private const string Secret = "a secret of sufficient length";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"key": "x"}""");

    [Fact]
    public void Signature_OfAKnownBody_IsAsTheSchemeSays() =>
        // printf '%s' '1800000000.{"key": "x"}' | openssl dgst -sha256 -hmac 'a secret of sufficient length'
        Assert.Equal($"t=1800000000,v1={Expected}", WebhookSignature.Sign(Secret, Now, Body));

    [Theory]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public void Signature_OfAnAge_IsTakenWithinFiveMinutes(int seconds, bool isTaken)
    {
        var signature = WebhookSignature.Sign(Secret, Now.AddSeconds(seconds), Body);

        Assert.Equal(isTaken, WebhookSignature.IsValid(signature, Secret, Now, Body));
    }

    [Fact]
    public void Signature_WithAnotherBodyOrSecretOrTime_IsRefused()
    {
        var signature = WebhookSignature.Sign(Secret, Now, Body);

        Assert.False(WebhookSignature.IsValid(signature, Secret, Now, Encoding.UTF8.GetBytes("""{"key": "y"}""")));
        Assert.False(WebhookSignature.IsValid(signature, "another secret altogether", Now, Body));
        Assert.False(WebhookSignature.IsValid(signature.Replace("t=1800000000", "t=1800000001", StringComparison.Ordinal), Secret, Now, Body));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("t=1800000000")]
    [InlineData("v1=00")]
    [InlineData("t=,v1=")]
    [InlineData("t=1800000000,v1=zz")]
    [InlineData("t=99999999999999999999,v1=00")]
    public void Signature_Malformed_IsRefused(string? signature) => Assert.False(WebhookSignature.IsValid(signature, Secret, Now, Body));

    [Fact]
    public void Signature_AsLongAsItShouldBeAndMore_IsRefused() =>
        Assert.False(WebhookSignature.IsValid(WebhookSignature.Sign(Secret, Now, Body) + "00", Secret, Now, Body));

    [Fact]
    public void Signature_OneOfSeveralFits_IsTaken()
    {
        var right = WebhookSignature.Sign(Secret, Now, Body);

        Assert.True(WebhookSignature.IsValid(right.Replace("v1=", $"v1={new string('0', 64)},v1=", StringComparison.Ordinal), Secret, Now, Body));
    }

    private const string Expected = "dd0b9d5d1d7e149150093a9c50fd21f1a68842b4f31b23056f9b7dd280850ce2";
}
