create or replace function lab.judge_trades(
    p_study   lab.studies,
    is_passed out boolean,
    measures  out jsonb
)
returns record
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with fees as (
        select coalesce(sum(f.fee_micros), 0)::bigint as total
          from lab.fills as f where f.backtest_id = (p_study).backtest_id
    ), trades as (
        select array_agg(c.realized_micros - f.total / c.trades order by c.close_no) as profits
          from (select c.*, count(*) over () as trades
                  from lab.closes as c where c.backtest_id = (p_study).backtest_id) as c
         cross join fees as f
    ), samples as materialized (
        select p.*, b.initial_cash_micros as cash
          from lab.backtests as b
         cross join trades as t
         cross join generate_series(1, ((p_study).terms ->> 'samples')::bigint) as n
         cross join lateral lab.compute_path(
               t.profits, b.initial_cash_micros, (p_study).terms ->> 'method',
               ((p_study).terms ->> 'seed')::bigint, n) as p
         where b.backtest_id = (p_study).backtest_id and t.profits is not null
    )
    select coalesce(avg((s.end_micros > s.cash)::integer) >= 0.95, false),
           jsonb_build_object(
               'samples', count(*), 'profitable', round(avg((s.end_micros > s.cash)::integer), 9),
               'end_micros_p5', percentile_disc(0.05) within group (order by s.end_micros),
               'end_micros_p50', percentile_disc(0.5) within group (order by s.end_micros),
               'end_micros_p95', percentile_disc(0.95) within group (order by s.end_micros),
               'drawdown_p50', round(percentile_disc(0.5) within group (order by s.drawdown), 9),
               'drawdown_p95', round(percentile_disc(0.95) within group (order by s.drawdown), 9))
      from samples as s;
$function$;

comment on function lab.judge_trades(lab.studies) is
$$Monte Carlo of a backtest's closed lots, each charged an equal share of all fees: percentiles of what is
left and of the drawdown. Passes when 95 % of the samples end with a profit.$$;
