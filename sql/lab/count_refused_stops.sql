create or replace function lab.count_refused_stops(
    p_symbols   integer[],
    p_ticks     integer[],
    p_symbol_no integer,
    p_from_tick integer
)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from unnest(p_symbols, p_ticks) as r (symbol_no, tick_no)
     where r.symbol_no = p_symbol_no and r.tick_no >= p_from_tick;
$function$;

comment on function lab.count_refused_stops(integer[], integer[], integer, integer) is
$$Stops of a symbol that were refused since p_from_tick, when its position was opened: what
oms.count_refused_stops counts for a run.$$;
