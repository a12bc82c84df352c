create or replace function api.backtest_rank(
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.place, f.job_no, f.parameters, f.job_status, f.ended_as, f.return_bps, f.drawdown_bps,
           f.fills, f.equity_micros, f.backtest_id, f.failure
      from lab.rank_sweep(p_sweep_id) as f
     order by f.place;
$function$;

comment on function api.backtest_rank(uuid) is
$$The jobs of a sweep by what they earned.$$;
