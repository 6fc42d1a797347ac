using System.Diagnostics.Metrics;

namespace Shop.Notifications.Mail;

/// <summary>What can be counted of mails.</summary>
internal static class MailMetrics
{
    private static readonly Meter Meter = new("Shop.Notifications");
    private static readonly Counter<long> Mails = Meter.CreateCounter<long>(
        "shop.mails", "{mail}", "Mails by what came of an attempt: sent, refused (it will be tried again), given up.");

    public static void Count(string outcome) => Mails.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
