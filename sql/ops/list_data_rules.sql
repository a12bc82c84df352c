create or replace function ops.list_data_rules()
returns table (path text, kind text, low numeric, high numeric, choices text[])
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('data.stale_data_threshold_seconds', 'integer', 1, 86400, null::text[]),
        ('data.timeframe', 'choice', null, null, array['1m', '5m', '15m', '1H', '1D']),
        ('data.feed', 'text', 2, 40, null),
        ('data.second_feed', 'text', 2, 40, null),
        ('data.feeds', 'object', null, null, null),
        ('data.stale_policy', 'choice', null, null, array['DISARM', 'IGNORE']),
        ('data.adjustment', 'choice', null, null, array['RAW', 'SPLITS', 'ALL']),
        ('data.split_tolerance_bps', 'integer', 0, 2000, null),
        ('data.corporate_actions', 'choice', null, null, array['APPLY', 'FORBID']),
        ('data.forbid_periods', 'array', 0, 200, null),
        ('data.gap_window_bars', 'integer', 1, 1000, null),
        ('data.gap_tolerance_bars', 'integer', 0, 1000, null),
        ('data.disagreement_tolerance_bps', 'integer', 0, 10000, null),
        ('data.feed_disagreement_policy', 'choice', null, null, array['HALT_NEW', 'IGNORE']),
        ('data.conflict_policy', 'choice', null, null, array['HALT_NEW', 'IGNORE']),
        ('data.outlier_bps', 'integer', 1, 1000000, null),
        ('data.outlier_policy', 'choice', null, null, array['HALT_NEW', 'IGNORE']),
        ('data.benchmark_symbol', 'text', 1, 10, null);
$function$;

comment on function ops.list_data_rules() is
$$The keys of a config's section data: what a run trades on, and what is done when it cannot be trusted.$$;
