create or replace function lab.list_returns(
    p_backtest_ids uuid[]
)
returns numeric[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(r.value order by r.nth, r.session_no)
      from (select t.nth, d.session_no,
                   d.equity_micros::numeric / nullif(coalesce(
                       lag(d.equity_micros) over (partition by t.nth order by d.session_no),
                       b.initial_cash_micros), 0) - 1 as value
              from unnest(p_backtest_ids) with ordinality as t (backtest_id, nth)
              join lab.backtests as b using (backtest_id)
             cross join lateral lab.list_session_ends(b.backtest_id) as d) as r;
$function$;

comment on function lab.list_returns(uuid[]) is
$$Returns of the sessions of some backtests, one after another; the first of each since its cash.$$;
