create or replace function ops.report_history(
    p_run_id uuid,
    p_now_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with span as (
        select min(e.session_on) as first_on, max(e.session_on) as last_on,
               array_agg(e.session_on order by e.session_on) as days,
               array_agg(e.equity_micros order by e.session_on) as equity
          from ops.list_session_equity(p_run_id) as e
    )
    select jsonb_build_object(
        'equity', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'session_on', e.session_on, 'equity_micros', e.equity_micros,
                       'cash_micros', e.cash_micros, 'gross_micros', e.gross_micros,
                       'drawdown_bps', (e.peak_micros - e.equity_micros) * 10000 / e.peak_micros)
                       order by e.session_on), '[]')
              from ops.list_session_equity(p_run_id) as e),
        'monthly', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'month', m.period, 'return_bps', round(m.return_ratio * 10000))
                       order by m.period collate "C"), '[]')
              from lab.list_periods(r.initial_cash_micros, s.days, s.equity, 'YYYY-MM') as m),
        'benchmark_symbol', c.config #>> '{data,benchmark_symbol}',
        'benchmark', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'session_on', b.session_on, 'close_micros', b.close_micros)
                       order by b.session_on), '[]')
              from md.list_session_closes(
                   c.config #>> '{data,benchmark_symbol}', c.config #>> '{data,timeframe}',
                   s.first_on, s.last_on, p_now_at) as b),
        'prices', (
            select coalesce(jsonb_object_agg(u.symbol, (
                       select coalesce(jsonb_agg(jsonb_build_array(b.session_on, b.close_micros)
                                                 order by b.session_on), '[]')
                         from md.list_session_closes(
                              u.symbol, c.config #>> '{data,timeframe}', s.first_on, s.last_on,
                              p_now_at) as b)), '{}')
              from run.universe as u where u.run_id = p_run_id))
      from run.runs as r
      join run.configs as c using (config_hash)
      cross join span as s
     where r.run_id = p_run_id;
$function$;

comment on function ops.report_history(uuid, timestamptz) is
$$The curves of a report: equity and drawdown by session, monthly returns, benchmark, prices.$$;
