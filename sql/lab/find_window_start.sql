create or replace function lab.find_window_start(
    p_dataset_id uuid,
    p_symbol_no  integer,
    p_tick_no    integer,
    p_limit      integer
)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_pack record;
    v_left integer := p_limit;
begin
    for v_pack in
        select k.first_tick, cardinality(k.ends_at) as ticks, k.volumes
          from lab.packs as k
         where k.dataset_id = p_dataset_id and k.first_tick <= p_tick_no
         order by k.pack_no desc
    loop
        for n in reverse least(v_pack.ticks, p_tick_no - v_pack.first_tick + 1)..1 loop
            v_left := v_left - (v_pack.volumes[(p_symbol_no - 1) * v_pack.ticks + n] is not null)::integer;
            if v_left <= 0 then
                return v_pack.first_tick + n - 1;
            end if;
        end loop;
    end loop;
    return 1;
end;
$function$;

comment on function lab.find_window_start(uuid, integer, integer, integer) is
$$The tick of the first of the last p_limit bars that a dataset has of a symbol up to a tick; 1 if there are
fewer.$$;
