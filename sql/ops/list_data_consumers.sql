create or replace function ops.list_data_consumers()
returns table (path text, consumer text, brokers text[], modes text[])
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('data.timeframe', 'md.set_policy', null::text[], null::text[]),
        ('data.feed', 'md.set_policy', null, null),
        ('data.feed', 'mqk.workers.wires', null, null),
        ('data.second_feed', 'md.set_policy', null, null),
        ('data.second_feed', 'mqk.workers.wires', null, null),
        ('data.feeds', 'mqk.workers.wires', null, null),
        ('data.stale_data_threshold_seconds', 'md.set_policy', null, null),
        ('data.stale_policy', 'md.set_policy', null, null),
        ('data.adjustment', 'strat.get_context', null, null),
        ('data.split_tolerance_bps', 'md.find_jumps', null, null),
        ('data.corporate_actions', 'md.find_ban', null, null),
        ('data.forbid_periods', 'ops.create_run', null, null),
        ('data.gap_window_bars', 'md.set_policy', null, null),
        ('data.gap_tolerance_bars', 'md.set_policy', null, null),
        ('data.disagreement_tolerance_bps', 'md.set_policy', null, null),
        ('data.feed_disagreement_policy', 'md.set_policy', null, null),
        ('data.conflict_policy', 'md.set_policy', null, null),
        ('data.outlier_bps', 'md.set_policy', null, null),
        ('data.outlier_policy', 'md.set_policy', null, null),
        ('data.benchmark_symbol', 'ops.report_history', null, null);
$function$;

comment on function ops.list_data_consumers() is
$$What reads each key of a config's section data.$$;
