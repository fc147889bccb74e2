"""`heedful-console`: the service as a process of its own."""

from heedful.common import collector

with collector.loading():
    from heedful.console.main import main

if __name__ == "__main__":
    main()
