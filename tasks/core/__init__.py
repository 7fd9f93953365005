"""The know-how: values and bytes in, values and bytes out. Nothing here touches clock, files, network or database."""
