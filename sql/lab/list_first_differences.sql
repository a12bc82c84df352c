create or replace function lab.list_first_differences(
    p_first_id  uuid,
    p_second_id uuid
)
returns table (
    kind      text,
    place     bigint,
    of_first  text,
    of_second text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct on (coalesce(a.kind, b.kind) collate "C")
           coalesce(a.kind, b.kind), coalesce(a.place, b.place), a.act, b.act
      from lab.list_acts(p_first_id) as a
      full join lab.list_acts(p_second_id) as b on (b.kind, b.place) = (a.kind, a.place)
     where a.act is distinct from b.act
     order by coalesce(a.kind, b.kind) collate "C", coalesce(a.place, b.place);
$function$;

comment on function lab.list_first_differences(uuid, uuid) is
$$Of each kind of act (order, denial, fill, closed lot, end) the first in which two backtests differ.$$;
