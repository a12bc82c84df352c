create or replace function run.is_own_kind(
    p_worker_kind text
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select bool_or(pg_has_role(session_user, k.role_name, 'member'))
      from (values ('gateway', 'mqk_dispatch'), ('broker_events', 'mqk_inbox'),
                   ('snapshots', 'mqk_recon'), ('strategist', 'mqk_strategy'), ('anchor', 'mqk_notify'))
           as g (worker_kind, group_name)
      cross join lateral (values (g.group_name), ('mqk_owner')) as k (role_name)
     where g.worker_kind = p_worker_kind;
$function$;

comment on function run.is_own_kind(text) is
$$Whether the login belongs to the group of this worker kind (or to the owner); null: no such kind.
Why: a captured worker of one kind must not shut another kind out by taking its lease.$$;
