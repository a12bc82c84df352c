-- Deploy mqk:audit/code to pg
-- built from sql/audit by `make code`: edit there

begin;

set local role mqk_owner;

create or replace function audit.begin_acting(
    p_actor    text,
    p_token_id text,
    p_now_at   timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with begun as (
        insert into audit.actings (xact_id, login, actor, token_id, acted_at)
        values (pg_current_xact_id(), session_user, p_actor, p_token_id, p_now_at)
        returning acting_id
    )
    select set_config('mqk.acting', b.acting_id::text, true)
      from begun as b;
$function$;

comment on function audit.begin_acting(text, text, timestamptz) is
$$From here to the end of the transaction the session acts for p_actor (audit.get_actor).
Why: the setting is a hint that anybody may forge; the row, which only doors can write, is the fact.$$;

create or replace function audit.find_acting()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.actor
      from audit.actings as a
     where a.acting_id::text = current_setting('mqk.acting', true)
       and a.xact_id = pg_current_xact_id_if_assigned()
       and a.login = session_user;
$function$;

comment on function audit.find_acting() is
$$For whom this transaction acts; null when the setting mqk.acting was forged.$$;

create or replace function audit.get_actor()
returns text
language sql
stable
return case when coalesce(current_setting('mqk.acting', true), '') = '' then session_user::text
            else audit.find_acting() end;

comment on function audit.get_actor() is
$$Who acts: the login, or the person whose token this transaction was begun with; null, which no history
row takes, when somebody forged the setting.
Why: a console's login is nobody; approvals and the diary must name the person.$$;

create or replace function audit.open_engine_chain(
    p_engine_id text,
    p_now_at    timestamptz
)
returns uuid
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into audit.chains (chain_id, chain_kind, engine_id, root_hash, last_seq, last_hash, last_at)
    values (core.derive_id('chain', array['ENGINE', p_engine_id]), 'ENGINE', p_engine_id, '', 0, '',
            p_now_at)
    on conflict (chain_id) do nothing;

    select core.derive_id('chain', array['ENGINE', p_engine_id]);
$function$;

comment on function audit.open_engine_chain(text, timestamptz) is
$$Makes sure that an engine has its chain; gives the chain's id. The engine DESK is the house itself.
Why: what people do without a run is written down too.$$;

create or replace function audit.append_event(
    p_chain_id   uuid,
    p_topic      text,
    p_event_name text,
    p_payload    jsonb,
    p_now_at     timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_head audit.chains;
    v_seq  bigint;
    v_hash text;
begin
    select c.* into v_head from audit.chains as c where c.chain_id = p_chain_id for no key update;
    if not found then
        perform core.raise_error('MQN01', p_chain_id::text);
    end if;

    insert into audit.events (
        chain_id, event_seq, prev_hash, occurred_at, reported_at, actor, topic, event_name, payload)
    values (p_chain_id, v_head.last_seq + 1, v_head.last_hash, greatest(p_now_at, v_head.last_at),
            p_now_at, audit.get_actor(), p_topic, p_event_name, p_payload)
    returning event_seq, event_hash into v_seq, v_hash;

    update audit.chains as c
       set last_seq = v_seq, last_hash = v_hash, last_at = greatest(p_now_at, c.last_at)
     where c.chain_id = p_chain_id;
    return v_seq;
end;
$function$;

comment on function audit.append_event(uuid, text, text, jsonb, timestamptz) is
$$Appends one event to a chain; gives its sequence number.
Why: the head is locked, so that two writers cannot follow the same event; time never goes back.
Raises: MQN01 no such chain.$$;

create or replace function audit.assert_chain(
    p_chain_id uuid
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from audit.chains as c where c.chain_id = p_chain_id),
        'MQN01', p_chain_id::text);
    return true;
end;
$function$;

comment on function audit.assert_chain(uuid) is
$$True, or an error: there is no such chain. Stands in the where clause of a reading door.
Raises: MQN01.$$;

create or replace function audit.open_run_chain(
    p_run_id    uuid,
    p_engine_id text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_root uuid;
    v_seq  bigint;
begin
    v_root := audit.open_engine_chain(p_engine_id, p_now_at);
    v_seq := audit.append_event(
        v_root, 'RUNTIME', 'RUN_CHAIN_OPENED', jsonb_build_object('run_id', p_run_id), p_now_at);

    insert into audit.chains (
        chain_id, chain_kind, engine_id, run_id, root_chain_id, root_seq, root_hash,
        last_seq, last_hash, last_at)
    select p_run_id, 'RUN', p_engine_id, p_run_id, e.chain_id, e.event_seq, e.event_hash,
           0, e.event_hash, e.occurred_at
      from audit.events as e
     where e.chain_id = v_root
       and e.event_seq = v_seq;
end;
$function$;

comment on function audit.open_run_chain(uuid, text, timestamptz) is
$$Opens the chain of a run (its id is the run's), rooted in an event of its engine's chain.
Why: a whole run cannot be cut out or swapped without breaking its engine's chain.$$;

create or replace function audit.append_desk_event(
    p_topic      text,
    p_event_name text,
    p_payload    jsonb,
    p_now_at     timestamptz
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select audit.append_event(
               audit.open_engine_chain('DESK', p_now_at), p_topic, p_event_name, p_payload, p_now_at);
$function$;

comment on function audit.append_desk_event(text, text, jsonb, timestamptz) is
$$Appends an event that belongs to no engine (data, calendars, strategies) to the chain DESK.$$;

create or replace function audit.verify_chain(
    p_chain_id uuid
)
returns table (
    event_seq bigint,
    finding   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with walked as (
        select e.event_seq, e.prev_hash, e.event_hash,
               lag(e.event_seq) over w as seq_before,
               lag(e.event_hash) over w as hash_before,
               core.hash_text(
                   'mqk.audit.v1' || e'\n' || e.chain_id || e'\n' || e.event_seq || e'\n'
                   || e.prev_hash || e'\n'
                   || (extract(epoch from e.occurred_at at time zone 'UTC') * 1000000)::bigint
                   || e'\n' || e.actor || e'\n' || e.topic || e'\n' || e.event_name || e'\n'
                   || e.payload::text) as true_hash
          from audit.events as e
         where e.chain_id = p_chain_id
        window w as (order by e.event_seq)
    )
    select w.event_seq, f.finding
      from walked as w
      cross join audit.chains as c
      cross join lateral (
        values (case when w.event_hash <> w.true_hash then 'the hash does not recompute' end),
               (case when w.event_seq <> coalesce(w.seq_before, 0) + 1 then 'an event is missing' end),
               (case when w.prev_hash <> coalesce(w.hash_before, c.root_hash)
                     then 'the link to the event before is broken' end)) as f (finding)
     where c.chain_id = p_chain_id
       and f.finding is not null
     union all
    select c.last_seq, 'the head is not the last event'
      from audit.chains as c
      left join walked as w on w.event_seq = c.last_seq
     where c.chain_id = p_chain_id
       and (c.last_seq <> (select count(*) from walked)
            or c.last_hash is distinct from coalesce(w.event_hash, c.root_hash))
     order by 1;
$function$;

comment on function audit.verify_chain(uuid) is
$$Every break of a chain, by the event at which it shows; no row = the chain holds.
Why: rows are recomputed and links compared; a cut tail shows only against the head or an anchor.$$;

create or replace trigger _900_refuse_change before update or delete on audit.events
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on audit.events
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on audit.chains
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on audit.chains
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_head_moves_by_one before update on audit.chains
for each row when (new.last_seq <> old.last_seq + 1) execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on audit.actings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on audit.actings
for each statement execute function core.tg_refuse_change();

commit;
