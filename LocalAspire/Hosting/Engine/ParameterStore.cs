using System.Text.Json;

namespace LocalAspire.Hosting.Engine;

/// <summary>Keeps generated values from run to run, in a file that only its owner can read.</summary>
/// <param name="directory">The AppHost's data directory.</param>
internal sealed class ParameterStore(string directory)
{
    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(directory, "parameters.json");

    /// <summary>The value kept under a name; where there is none, one is made and kept.</summary>
    public string GetOrAdd(string name, Func<string> make, out bool added)
    {
        lock (_lock)
        {
            DataDirectory.Create(directory);
            using var between = OpenExclusively(Path.Combine(directory, "parameters.lock"));
            var values = File.Exists(_path) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(_path))! : [];
            added = !values.ContainsKey(name);
            if (added)
            {
                values[name] = make();
                Write(values);
            }
            return values[name];
        }
    }

    private void Write(SortedDictionary<string, string> values)
    {
        var temporary = _path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(stream, values);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, _path, overwrite: true);
    }

    /// <summary>Another run of the same AppHost may be writing: that takes it milliseconds.</summary>
    private static FileStream OpenExclusively(string path)
    {
        for (var attempt = 0; ; attempt++)
            try
            {
                return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < 100)
            {
                Thread.Sleep(50);
            }
    }
}
