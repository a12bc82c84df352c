create or replace function strat.get_context(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    strategy_id   text,
    strategy_kind text,
    bar_end_at    timestamptz,
    context       jsonb
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select a.strategy_id, s.strategy_kind, c.bar_end_at,
           jsonb_build_object(
               'bar_end_at', core.format_iso(c.bar_end_at),
               'equity_micros', e.equity_micros,
               'parameters', a.parameters,
               'positions', (
                   select jsonb_object_agg(u.symbol, ledger.get_position_qty(p_run_id, u.symbol))
                     from run.universe as u where u.run_id = p_run_id),
               'bars', (
                   select jsonb_object_agg(u.symbol, (
                              select jsonb_agg(jsonb_build_array(
                                         b.session_on, core.format_iso(b.bar_end_at), b.open_micros,
                                         b.high_micros, b.low_micros, b.close_micros, b.volume)
                                         order by b.bar_end_at)
                                from md.list_adjusted_bars_as_of(
                                     u.symbol, a.timeframe, a.window_bars,
                                     f.config #>> '{data,adjustment}', c.bar_end_at, p_now_at) as b))
                     from run.universe as u where u.run_id = p_run_id))
      from strat.assignments as a
      join strat.strategies as s using (strategy_id)
      join run.runs as r using (run_id)
      join run.configs as f using (config_hash)
      cross join lateral md.get_complete_bar(p_run_id, p_now_at) as c
      cross join lateral ledger.compute_exposure(p_run_id, (
           select jsonb_object_agg(m.symbol, md.restate_price(
                      m.symbol, m.mark_micros, c.bar_end_at, p_now_at))
             from md.list_marks(p_run_id, c.bar_end_at) as m)) as e
     where a.run_id = p_run_id
       and r.run_status = 'RUNNING'
       and not exists (select from ledger.list_due_actions(p_run_id, p_now_at))
       and not exists (
          select from strat.decisions as d
           where d.run_id = p_run_id and d.strategy_id = a.strategy_id
             and d.bar_end_at = c.bar_end_at);
$function$;

comment on function strat.get_context(uuid, timestamptz) is
$$All that a run's strategy may see at p_now_at: one row, or none when there is nothing to decide
(not running, the last bar not there for every symbol, a corporate action due, or decided already).
context: {bar_end_at, equity_micros, parameters, positions {symbol: shares},
bars {symbol: [[session_on, bar_end_at, o, h, l, c, volume], oldest first]}}, money in micros. Bars are
adjusted as data.adjustment says (RAW, SPLITS, ALL) to the shares of p_now_at, in which targets are given.
Why: a bar that closes after p_now_at cannot be in it; Python and SQL strategies get the same.
Raises: MQI02 a held symbol has no mark.$$;
