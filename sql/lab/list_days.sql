create or replace function lab.list_days(
    p_backtest_id uuid
)
returns table (
    session_no    integer,
    session_on    date,
    equity_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct on (e.session_no) e.session_no, (e.ends_at at time zone 'UTC')::date, e.equity
      from lab.backtests as b
      join lab.packs as k using (dataset_id)
      join lab.curves as c using (backtest_id, pack_no)
     cross join lateral unnest(k.ends_at, k.sessions, c.equity_micros)
           as e (ends_at, session_no, equity)
     where b.backtest_id = p_backtest_id and e.equity is not null
     order by e.session_no, e.ends_at desc;
$function$;

comment on function lab.list_days(uuid) is
$$Equity of a backtest at the end of each session, in micros.$$;
