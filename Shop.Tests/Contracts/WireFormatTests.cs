using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;
using MassTransit.Serialization;
using Shop.Contracts;
using Shop.Orders.Saga;

namespace Shop.Tests.Contracts;

/// <summary>
/// Names and JSON of messages are what services of different versions understand each other by: wire-format.json holds them as they are, and
/// a change there is a decision. A new member may be added to a message; renaming or removing one needs a new message.
/// </summary>
public sealed class WireFormatTests
{
    private static readonly string Frozen = Path.Combine(AppContext.BaseDirectory, "Contracts", "wire-format.json");

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Messages_OnTheWire_AreAsTheyWereFrozen()
    {
        var current = Current();
        File.WriteAllText(Path.ChangeExtension(Frozen, ".current.json"), current + "\n");

        Assert.True(
            File.ReadAllText(Frozen).ReplaceLineEndings("\n").Trim() == current,
            $"The messages are no longer as they were frozen. If that is meant, take {Path.ChangeExtension(Frozen, ".current.json")} over.");
    }

    private static string Current()
    {
        var messages = new JsonObject();
        // The saga's message to itself is in no table: it is sent to its own queue, but it may lie there while a new version starts.
        foreach (var type in MessageRoutes.Queues.Keys.Append(typeof(StepTimedOut)).OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            var message = Sample(type, "");
            messages[MessageUrn.ForTypeString(type)] = JsonSerializer.SerializeToNode(message, type, SystemTextJsonMessageSerializer.Options);
        }

        return messages.ToJsonString(Readable);
    }

    /// <summary>A value whose every part tells its name or is easy to recognise.</summary>
    private static object Sample(Type type, string name) => type switch
    {
        _ when type == typeof(Guid) => Guid.Parse("01980000-0000-7000-8000-000000000001"),
        _ when type == typeof(string) => name,
        _ when type == typeof(int) => 2,
        _ when type == typeof(long) => 3L,
        _ when type == typeof(bool) => true,
        _ when type == typeof(decimal) => 19.99m,
        _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => SampleList(type.GetGenericArguments()[0], name),
        _ => Activator.CreateInstance(
            type, [.. type.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters().Select(p => Sample(p.ParameterType, p.Name!))])!,
    };

    private static Array SampleList(Type item, string name)
    {
        var list = Array.CreateInstance(item, 1);
        list.SetValue(Sample(item, name), 0);
        return list;
    }
}
