// Does nothing, and ends with the exit code that it is told.
return args is [var code] ? int.Parse(code, System.Globalization.CultureInfo.InvariantCulture) : 0;
