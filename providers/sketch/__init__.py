"""A storyboard artist without a model: reads a brief, draws what it names, in ink and wash."""
