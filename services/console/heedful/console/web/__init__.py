"""What every page is made with: words, templates, who looks on, forms, headers, assets."""
