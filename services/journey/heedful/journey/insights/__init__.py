"""What only a stitched journey can tell. Pure: from `facts.Facts` to `report.Report`."""
