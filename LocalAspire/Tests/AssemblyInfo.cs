// Each test starts processes of its own, which share two cores: side by side each would only wait for the other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
