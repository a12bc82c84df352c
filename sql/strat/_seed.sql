select strat.register_strategy('sma_trend_sql', 'SQL', '1', timestamptz '2026-11-21 00:00:00+00');
