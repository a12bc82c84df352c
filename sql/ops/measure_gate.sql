create or replace function ops.measure_gate(
    p_run_id uuid,
    p_gate   text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_gate
        when 'RISK' then (
            select format('equity %s; lost today %s of %s; off the peak %s of %s',
                          core.format_micros(s.equity_micros),
                          core.format_micros(s.day_start_micros - s.equity_micros),
                          core.format_micros(l.daily_loss_limit_micros),
                          core.format_micros(s.peak_micros - s.equity_micros),
                          core.format_micros(l.max_drawdown_micros))
              from risk.states as s
              join risk.limits as l using (run_id)
             where s.run_id = p_run_id)
        when 'RECON' then (
            select format('snapshot %s: %s, %s differences that halt, %s that may settle',
                          c.snapshot_seq, c.verdict,
                          c.order_drifts + c.position_drifts + c.cash_drifts + c.other_drifts,
                          c.warning_drifts + c.unsettled_drifts)
              from recon.comparisons as c
             where c.run_id = p_run_id
             order by c.snapshot_seq desc
             limit 1)
        when 'DEADMAN' then (
            select string_agg(format('%s at %s', h.worker_kind, core.format_iso(h.beat_at)), ', '
                              order by h.beat_at) || format('; ttl %s ms', r.deadman_ttl_ms)
              from run.runs as r
              join run.heartbeats as h using (run_id)
             where r.run_id = p_run_id
             group by r.run_id)
        when 'INTEGRITY' then (
            select format('the last %s bars: %s may lack; %s ms late; %s bps off the close before%s',
                          p.gap_window_bars, p.gap_tolerance_bars, p.stale_after_ms, p.outlier_bps,
                          '; ' || p.disagreement_bps || ' bps off feed ' || p.second_feed)
              from md.policies as p
             where p.run_id = p_run_id)
        else 'the broker''s events, without a gap' end;
$function$;

comment on function ops.measure_gate(uuid, text) is
$$What a gate measures, and against which limit.$$;
