// Whole systems share two cores: side by side each would only wait for the other, and figures of time would mean nothing.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
