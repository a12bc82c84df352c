create or replace function lab.restate_stop(
    p_stop_micros   bigint,
    p_side          integer,
    p_split_symbols integer[],
    p_split_ticks   integer[],
    p_nums          bigint[],
    p_dens          bigint[],
    p_symbol_no     integer,
    p_given_tick    integer,
    p_until_tick    integer
)
returns bigint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_num numeric := 1;
    v_den numeric := 1;
begin
    for n in 1..cardinality(p_split_ticks) loop
        if p_split_symbols[n] = p_symbol_no and p_split_ticks[n] > p_given_tick
           and p_split_ticks[n] <= p_until_tick
        then
            v_num := v_num * p_nums[n];
            v_den := v_den * p_dens[n];
        end if;
    end loop;
    return oms.restate_stop(p_stop_micros, p_side, v_num, v_den);
end;
$function$;

comment on function lab.restate_stop(
    bigint, integer, integer[], integer[], bigint[], bigint[], integer, integer, integer) is
$$A stop price of p_given_tick in the shares of p_until_tick, over the splits of its symbol between, as
oms.get_last_stop_micros restates it.$$;
