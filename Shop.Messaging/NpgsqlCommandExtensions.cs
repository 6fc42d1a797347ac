using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Shop.Messaging;

/// <summary>Statements that every message needs: past EF Core, which takes as much time for them as the database does.</summary>
internal static class NpgsqlCommandExtensions
{
    /// <summary>A command on the context's connection, which must be open, and in its transaction.</summary>
    public static NpgsqlCommand CreateCommand(this DbContext database, string sql, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, (NpgsqlConnection)database.Database.GetDbConnection());
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }

    /// <summary>Several statements for one round trip, on the context's connection, which must be open, and in its transaction.</summary>
    public static NpgsqlBatch CreateBatch(this DbContext database) => new((NpgsqlConnection)database.Database.GetDbConnection());

    /// <summary>Adds a statement.</summary>
    public static void Add(this NpgsqlBatch batch, string sql, params object[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        batch.BatchCommands.Add(command);
    }
}
