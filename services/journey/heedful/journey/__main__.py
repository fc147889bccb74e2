"""`heedful-journey`: the service as a process of its own."""

from heedful.common import algebra, collector

algebra.one_thread()
with collector.loading():
    from heedful.journey.main import main

if __name__ == "__main__":
    main()
