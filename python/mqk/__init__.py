"""MiniQuantDesk: a trading desk whose brain is Postgres."""
