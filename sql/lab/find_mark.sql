create or replace function lab.find_mark(
    p_dataset_id uuid,
    p_symbol_no  integer,
    p_tick_no    integer
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select u.close
      from lab.packs as k
     cross join lateral unnest(
           k.closes[(p_symbol_no - 1) * cardinality(k.ends_at) + 1 : p_symbol_no * cardinality(k.ends_at)])
           with ordinality as u (close, nth)
     where k.dataset_id = p_dataset_id
       and k.pack_no <= (p_tick_no - 1) / 512
       and k.first_tick + u.nth - 1 <= p_tick_no
       and u.close is not null
     order by k.pack_no desc, u.nth desc
     limit 1;
$function$;

comment on function lab.find_mark(uuid, integer, integer) is
$$The last close of a symbol of a dataset at a tick or before it, in micros; null when there is none.$$;
