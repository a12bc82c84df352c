create or replace function lab.list_closes(
    p_dataset_id uuid,
    p_symbol_no  integer
)
returns bigint[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(c.close order by k.pack_no, c.nth)
      from lab.packs as k
     cross join lateral unnest(
           k.closes[(p_symbol_no - 1) * cardinality(k.ends_at) + 1 : p_symbol_no * cardinality(k.ends_at)])
           with ordinality as c (close, nth)
     where k.dataset_id = p_dataset_id;
$function$;

comment on function lab.list_closes(uuid, integer) is
$$All closes of one symbol of a dataset, tick by tick; null where there is no bar.$$;
