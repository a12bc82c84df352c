create or replace function lab.list_ticks(
    p_backtest_id uuid
)
returns table (
    tick_no     integer,
    session_on  date,
    bar_end_at  timestamptz,
    is_complete boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select k.first_tick + u.nth::integer - 1, s.session_on, u.at, u.is_complete
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
      join lab.packs as k using (dataset_id)
     cross join lateral unnest(k.ends_at, k.is_complete) with ordinality as u (at, is_complete, nth)
      join ref.sessions as s
        on s.exchange_id = d.exchange_id and s.opens_at < u.at and s.closes_at >= u.at
       and s.session_on between (u.at at time zone 'UTC')::date - 2
                            and (u.at at time zone 'UTC')::date + 1  -- by the index
     where b.backtest_id = p_backtest_id
     order by 1;
$function$;

comment on function lab.list_ticks(uuid) is
$$The ticks of a backtest's dataset: when each ends, in which session, and whether every bar is there.$$;
