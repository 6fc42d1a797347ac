using System.Diagnostics;
using System.Linq.Expressions;

namespace Shop.Messaging.Consuming;

/// <summary>
/// Marks a message's span with the ids in it: <c>OrderId</c> as <c>order.id</c>. So every step of what happened to one thing is found by its id,
/// and nothing else of a message shows.
/// </summary>
internal static class MessageIds<T>
    where T : class
{
    private static readonly (string Tag, Func<T, Guid> Read)[] Ids =
        [.. from property in typeof(T).GetProperties()
            where property.PropertyType == typeof(Guid) && property.Name.Length > 2 && property.Name.EndsWith("Id", StringComparison.Ordinal)
            let message = Expression.Parameter(typeof(T))
            select (
                $"{property.Name[..^2].ToLowerInvariant()}.id",
                Expression.Lambda<Func<T, Guid>>(Expression.Property(message, property), message).Compile())];

    public static void AddTo(Activity? activity, T message)
    {
        if (activity is not { IsAllDataRequested: true })
            return;
        foreach (var (tag, read) in Ids)
            activity.SetTag(tag, read(message).ToString());
    }
}
