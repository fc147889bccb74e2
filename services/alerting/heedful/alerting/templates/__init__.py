"""What messages say, in Chinese and English, and in a tenant's own words. Pure."""
