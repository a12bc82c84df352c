create or replace function lab.count_alike(
    p_times bigint[],
    p_sides integer[],
    p_after bigint,
    p_side  integer
)
returns bigint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count bigint := 0;
    i       integer := cardinality(p_times);
begin
    while i > 0 and p_times[i] > p_after loop
        v_count := v_count + case when p_sides[i] = p_side then 1 else 0 end;
        i := i - 1;
    end loop;
    return v_count;
end;
$function$;

comment on function lab.count_alike(bigint[], integer[], bigint, integer) is
$$How many orders of one symbol and side (symbol number, negative for sales) are later than p_after.$$;
