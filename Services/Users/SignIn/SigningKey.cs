using System.Security.Cryptography;
using System.Text;

namespace Shop.Users.SignIn;

/// <summary>A key that tokens are signed with, as it is kept: the private part encrypted.</summary>
public sealed class SigningKey
{
    /// <summary>What tokens name it by (<c>kid</c>).</summary>
    public required string Id { get; init; }

    /// <summary>From when it signs (UTC). It is published before, so that everybody knows it by then.</summary>
    public required DateTimeOffset ActiveFrom { get; init; }

    /// <summary>PKCS #8, encrypted.</summary>
    public required byte[] PrivateKey { get; init; }
}

/// <summary>Encrypts what must not be readable in the database, with keys made from the secret <c>Identity:Key</c>.</summary>
internal sealed class IdentitySecret(IConfiguration configuration)
{
    public const string ConfigurationKey = "Identity:Key";

    private const int KeySize = 32;
    private static readonly int NonceSize = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagSize = AesGcm.TagByteSizes.MaxSize;

    /// <summary>A key of its own for each purpose.</summary>
    public byte[] DeriveKey(string purpose) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(configuration[ConfigurationKey]!), KeySize, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>Nonce, tag and cipher text; bound to a name, so that nothing can be put in another's place.</summary>
    public byte[] Encrypt(string name, ReadOnlySpan<byte> plain)
    {
        var sealedBytes = new byte[NonceSize + TagSize + plain.Length];
        var nonce = sealedBytes.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(DeriveKey("signing keys"), TagSize);
        cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(NonceSize + TagSize), sealedBytes.AsSpan(NonceSize, TagSize), Encoding.UTF8.GetBytes(name));
        return sealedBytes;
    }

    /// <exception cref="InvalidOperationException">It was encrypted with another secret, or changed since.</exception>
    public byte[] Decrypt(string name, ReadOnlySpan<byte> sealedBytes)
    {
        var plain = new byte[sealedBytes.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(DeriveKey("signing keys"), TagSize);
        try
        {
            cipher.Decrypt(sealedBytes[..NonceSize], sealedBytes[(NonceSize + TagSize)..], sealedBytes.Slice(NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(name));
            return plain;
        }
        catch (AuthenticationTagMismatchException mismatch)
        {
            throw new InvalidOperationException(
                $"The signing keys in the database were encrypted with another secret than {ConfigurationKey} is now. Give that one, or delete the rows of signing_keys: then everybody has to sign in again.",
                mismatch);
        }
    }
}
