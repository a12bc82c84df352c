create or replace function lab.get_rehearsal_start(
    p_dataset_id uuid
)
returns timestamptz
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select min(s.opens_at)
      from lab.datasets as d
      join lab.packs as k on k.dataset_id = d.dataset_id and k.pack_no = 0
      join ref.sessions as s on s.exchange_id = d.exchange_id and s.closes_at >= k.ends_at[1]
     where d.dataset_id = p_dataset_id
       and s.session_on between d.from_on - 2 and d.to_on + 1;
$function$;

comment on function lab.get_rehearsal_start(uuid) is
$$When the first session of a dataset opens: as of then its rehearsal begins.$$;
