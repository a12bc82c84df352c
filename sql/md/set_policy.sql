create or replace function md.set_policy(
    p_run_id uuid,
    p_data   jsonb
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into md.policies (
        run_id, timeframe, feed, second_feed, stale_after_ms, gap_window_bars, gap_tolerance_bars,
        disagreement_bps, outlier_bps, stale_policy, disagreement_policy, conflict_policy,
        outlier_policy)
    values (
        p_run_id, p_data ->> 'timeframe', p_data ->> 'feed', nullif(p_data ->> 'second_feed', 'none'),
        (p_data ->> 'stale_data_threshold_seconds')::bigint * 1000,
        (p_data ->> 'gap_window_bars')::integer, (p_data ->> 'gap_tolerance_bars')::integer,
        (p_data ->> 'disagreement_tolerance_bps')::integer, (p_data ->> 'outlier_bps')::integer,
        p_data ->> 'stale_policy', p_data ->> 'feed_disagreement_policy',
        p_data ->> 'conflict_policy', p_data ->> 'outlier_policy');
$function$;

comment on function md.set_policy(uuid, jsonb) is
$$Pins a run's data policy (the section data of its config) at its creation.
Raises: 23514 out of range; 23505 set already; 23503 no such timeframe; 23502 a key is missing.$$;
