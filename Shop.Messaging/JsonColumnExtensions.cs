using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Shop.Messaging;

/// <summary>Values kept as one jsonb column instead of rows of their own.</summary>
public static class JsonColumnExtensions
{
    /// <summary>Keeps an immutable value, or a list that is replaced and never changed in place, as jsonb: only another instance counts as a change.</summary>
    public static PropertyBuilder<T> HasJsonColumn<T>(this PropertyBuilder<T> property) =>
        property.HasColumnType("jsonb").HasConversion(
            value => JsonSerializer.Serialize(value, JsonSerializerOptions.Web),
            json => JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web)!,
            new ValueComparer<T>((left, right) => ReferenceEquals(left, right), value => value!.GetHashCode(), value => value));
}
