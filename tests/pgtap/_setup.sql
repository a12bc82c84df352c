-- What every pgTAP script begins with: UTC, a run's id and a moment; pgTAP is on the search path.
\set run 00000000-0000-8000-a000-000000000001
\set t0 '2024-01-02 15:00:00+00'
set timezone = 'UTC';
