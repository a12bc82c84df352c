create or replace function lab.list_bars_until(
    p_dataset_id uuid,
    p_symbol_no  integer,
    p_tick_no    integer,
    p_limit      integer
)
returns table (
    session_on   date,
    ends_at      timestamptz,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_pack  lab.packs;
    v_first integer;
    v_last  integer;
    v_found integer;
    v_left  integer := p_limit;
begin
    for v_pack in
        select k.* from lab.packs as k
         where k.dataset_id = p_dataset_id and k.first_tick <= p_tick_no
         order by k.pack_no desc
    loop
        exit when v_left <= 0;
        v_first := (p_symbol_no - 1) * cardinality(v_pack.ends_at) + 1;
        v_last := least(cardinality(v_pack.ends_at), p_tick_no - v_pack.first_tick + 1);
        return query
        select s.session_on, b.at, b.o, b.h, b.l, b.c, b.v
          from unnest(v_pack.ends_at[1 : v_last], v_pack.opens[v_first : v_first + v_last - 1],
                      v_pack.highs[v_first : v_first + v_last - 1],
                      v_pack.lows[v_first : v_first + v_last - 1],
                      v_pack.closes[v_first : v_first + v_last - 1],
                      v_pack.volumes[v_first : v_first + v_last - 1]) as b (at, o, h, l, c, v)
          join lab.datasets as d on d.dataset_id = p_dataset_id
          join ref.sessions as s
            on s.exchange_id = d.exchange_id and s.opens_at < b.at and s.closes_at >= b.at
           and s.session_on between (b.at at time zone 'UTC')::date - 2
                                and (b.at at time zone 'UTC')::date + 1  -- by the index
         where b.v is not null
         order by b.at desc
         limit v_left;
        get diagnostics v_found = row_count;
        v_left := v_left - v_found;
    end loop;
end;
$function$;

comment on function lab.list_bars_until(uuid, integer, integer, integer) is
$$The last p_limit bars that a dataset has of a symbol up to a tick, newest first.
Why: the as-of door of a backtest: none that ends later can come out of it.$$;
