create or replace function lab.count_since(
    p_times bigint[],
    p_after bigint
)
returns bigint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count integer := cardinality(p_times);
    i       integer := v_count;
begin
    while i > 0 and p_times[i] > p_after loop
        i := i - 1;
    end loop;
    return v_count - i;
end;
$function$;

comment on function lab.count_since(bigint[], bigint) is
$$How many of some ascending instants (microseconds since 1970) are later than p_after.$$;
