create or replace function api.audit_anchor(
    p_engine_id text,
    p_now_at    timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select audit.append_event(c.chain_id, 'AUDIT', 'ANCHOR_ASKED', '{}', p_now_at)
      from audit.chains as c
     where c.engine_id = p_engine_id
       and c.chain_kind = 'ENGINE'
       and run.is_in_scope(session_user, p_engine_id);
$function$;

comment on function api.audit_anchor(text, timestamptz) is
$$Asks for an anchor of the engine's chain now; gives the number of the event that asks, null when there is
no such engine. The anchor worker signs it with its next tick.$$;
