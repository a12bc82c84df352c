create or replace function lab.list_dataset_ticks(
    p_dataset_id uuid
)
returns table (
    tick_no      integer,
    ends_at      timestamptz,
    session_no   integer,
    ends_session boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select k.first_tick + (u.nth - 1)::integer, u.ends_at, u.session_no, u.ends_session
      from lab.packs as k
     cross join lateral unnest(k.ends_at, k.sessions, k.ends_session)
           with ordinality as u (ends_at, session_no, ends_session, nth)
     where k.dataset_id = p_dataset_id;
$function$;

comment on function lab.list_dataset_ticks(uuid) is
$$The ticks of a dataset: when each ends, in which session (from 1), and whether it ends it.$$;
