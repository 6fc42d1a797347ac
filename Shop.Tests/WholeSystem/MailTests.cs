using Shop.Tests.Messaging;

namespace Shop.Tests.WholeSystem;

/// <summary>What a customer finds in the mailbox.</summary>
[Collection<SharedShop>]
public sealed class MailTests(RunningShop shop)
{
    [Fact]
    public async Task Order_Confirmed_IsToldToTheCustomerByMailWithinItsTrace()
    {
        var client = shop.Client;
        var userId = await client.CreateUserAsync();
        var address = client.GetCredentials(userId).Email;

        var order = await client.PlaceOrderAsync(ShopClient.OrderFor(userId, ShopClient.SeededProduct(52), 1));

        await Eventually.IsTrue(() => shop.Mails.Mails.Any(mail => mail.To.Mailboxes.Single().Address == address));
        var mail = Assert.Single(shop.Mails.Mails, mail => mail.To.Mailboxes.Single().Address == address);
        Assert.Equal(("Your order is confirmed", "Ann Lee"), (mail.Subject, mail.To.Mailboxes.Single().Name));
        Assert.Contains(order["id"]!.GetValue<string>(), mail.TextBody, StringComparison.Ordinal);
        Assert.Contains(order["id"]!.GetValue<string>(), mail.HtmlBody, StringComparison.Ordinal);
        var told = await client.EventuallyAsync($"/api/v1/users/{userId}/notifications", page => page["items"]![0]!["sentAt"] is not null);
        Assert.Equal(mail.MessageId!.Split('@')[0], told["items"]![0]!["id"]!.GetValue<string>());

        var orderId = order["id"]!.GetValue<string>();
        await Eventually.IsTrue(() => SpansOf(orderId).Any(span => span.Name == "send mail"));
        var sending = SpansOf(orderId).Last(span => span.Name == "send mail");
        Assert.Contains(SpansOf(orderId), span => span.Service == "gateway" && span.ParentId == "" && span.TraceId == sending.TraceId);
    }

    private IEnumerable<ReceivedSpan> SpansOf(string orderId) => shop.Traces.Spans.Where(span => span.Attributes.GetValueOrDefault("order.id") == orderId);
}
