create or replace function lab.rank_sweep(
    p_sweep_id uuid
)
returns table (
    place         bigint,
    job_no        integer,
    parameters    jsonb,
    job_status    text,
    ended_as      text,
    return_bps    bigint,
    drawdown_bps  bigint,
    fills         integer,
    equity_micros bigint,
    backtest_id   uuid,
    failure       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row_number() over w, j.job_no, j.parameters, j.job_status, b.backtest_status,
           ((b.equity_micros - b.initial_cash_micros)::numeric * 10000 / b.initial_cash_micros)::bigint,
           (-10000 * lab.compute_max_drawdown_micros(array(
               select e.value from lab.curves as c
               cross join lateral unnest(c.equity_micros) with ordinality as e (value, nth)
                where c.backtest_id = b.backtest_id order by c.pack_no, e.nth)))::bigint,
           b.fills, b.equity_micros, j.backtest_id, coalesce(j.failure, b.halt_reason)
      from lab.sweep_jobs as j
      left join lab.backtests as b using (backtest_id)
     where j.sweep_id = p_sweep_id
    window w as (order by (b.backtest_status = 'COMPLETED') is not true, b.equity_micros desc nulls last,
                          j.job_no)
     order by 1;
$function$;

comment on function lab.rank_sweep(uuid) is
$$The jobs of a sweep by what they earned; those that halted, failed or have not ended come last.
Why: a sweep finds candidates. The best of many is lucky; promotion judges it on other bars.$$;
