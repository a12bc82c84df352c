create or replace function lab.list_session_ends(
    p_backtest_id uuid
)
returns table (
    session_no    integer,
    tick_no       integer,
    session_on    date,
    ended_at      timestamptz,
    equity_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with last as (
        select u.session_no, max(k.first_tick + u.nth - 1)::integer as tick_no
          from lab.backtests as b
          join lab.packs as k using (dataset_id)
          join lab.curves as c using (backtest_id, pack_no)
         cross join lateral unnest(k.sessions, c.equity_micros)
               with ordinality as u (session_no, equity_micros, nth)
         where b.backtest_id = p_backtest_id
           and u.equity_micros is not null
         group by u.session_no
    )
    select l.session_no, l.tick_no, s.session_on, e.at, c.equity_micros[l.tick_no - k.first_tick + 1]
      from last as l
      join lab.backtests as b on b.backtest_id = p_backtest_id
      join lab.datasets as d using (dataset_id)
      join lab.packs as k on k.dataset_id = b.dataset_id and k.pack_no = (l.tick_no - 1) / 512
      join lab.curves as c on c.backtest_id = p_backtest_id and c.pack_no = k.pack_no
     cross join lateral (select k.ends_at[l.tick_no - k.first_tick + 1] as at) as e
     cross join lateral (
           select r.session_on from ref.sessions as r
            where r.exchange_id = d.exchange_id and r.closes_at >= e.at
            order by r.closes_at limit 1) as s;
$function$;

comment on function lab.list_session_ends(uuid) is
$$The last tick that a backtest played of each session, and its equity there, in micros.$$;
