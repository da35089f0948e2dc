"""`python -m pipeline` is the command `qaledger`."""

from pipeline.cli.main import main

if __name__ == "__main__":
    main()
