// One cluster at a time is enough for a machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
