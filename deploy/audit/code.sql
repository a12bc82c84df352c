-- Deploy mqk:audit/code to pg
-- built from sql/audit by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

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
    if isfinite(p_now_at) is not true then
        perform core.raise_error('MQA02', coalesce('now_at ' || p_now_at, 'now_at'));
    end if;
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
Raises: MQN01 no such chain; MQA02 a time without end.$$;

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
    select w.event_seq, f.finding
      from audit.chains as c
      cross join lateral (
        select e.event_seq, e.prev_hash, e.event_hash,
               lag(e.event_seq) over s as seq_before, lag(e.event_hash) over s as hash_before,
               encode(sha256(convert_to(concat_ws(e'\n',
                   'mqk.audit.v1', p_chain_id, e.event_seq, e.prev_hash,
                   (extract(epoch from e.occurred_at) * 1000000)::bigint,
                   (extract(epoch from e.reported_at) * 1000000)::bigint,
                   e.actor, e.topic, e.event_name, e.payload), 'UTF8')), 'hex') as true_hash
          from audit.events as e
         where e.chain_id = p_chain_id
        window s as (order by e.event_seq)) as w
      cross join lateral (
        values (case when w.event_hash <> w.true_hash then 'the hash does not recompute' end),
               (case when w.event_seq <> coalesce(w.seq_before, 0) + 1 then 'an event is missing' end),
               (case when w.prev_hash <> coalesce(w.hash_before, c.root_hash)
                     then 'the link to the event before is broken' end)) as f (finding)
     where c.chain_id = p_chain_id
       and (w.event_hash <> w.true_hash or w.event_seq <> coalesce(w.seq_before, 0) + 1
            or w.prev_hash <> coalesce(w.hash_before, c.root_hash))
       and f.finding is not null
     union all
    select c.last_seq, 'the head is not the last event'
      from audit.chains as c
      left join audit.events as e on e.chain_id = c.chain_id and e.event_seq = c.last_seq
     where c.chain_id = p_chain_id
       and (c.last_seq <> (select count(*) from audit.events as n where n.chain_id = p_chain_id)
            or c.last_hash is distinct from coalesce(e.event_hash, c.root_hash))
     union all
    select 0, 'the root is no event of its engine'
      from audit.chains as c
      left join audit.events as e on e.chain_id = c.root_chain_id and e.event_seq = c.root_seq
     where c.chain_id = p_chain_id
       and c.chain_kind = 'RUN'
       and c.root_hash is distinct from e.event_hash
     order by 1;
$function$;

comment on function audit.verify_chain(uuid) is
$$Every break of a chain, by the event at which it shows; no row = the chain holds.
Why: rows are recomputed and links compared; a cut tail shows only against the head or an anchor. The
conditions stand twice: rows that hold never meet the list of findings (a quarter of the time).$$;

create or replace function audit.find_unanchored(
    p_engine_id text,
    p_closed_at timestamptz,
    p_now_at    timestamptz
)
returns table (
    chain_id   uuid,
    event_seq  bigint,
    event_hash text,
    since_at   timestamptz,
    reason     text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.chain_id, c.last_seq, c.last_hash, f.occurred_at, coalesce(u.reason, case
               when f.occurred_at < p_closed_at then 'CLOSE'
               when p_now_at - f.occurred_at >= interval '1 minute'
                    or f.occurred_at - p_now_at > interval '1 minute' then 'MINUTE' end)
      from audit.chains as c
      left join lateral (
        select a.event_seq as anchored_seq
          from audit.anchors as a
         where a.engine_id = p_engine_id and a.chain_id = c.chain_id
         order by a.event_seq desc
         limit 1) as a on true
      join audit.events as f
        on f.chain_id = c.chain_id and f.event_seq = coalesce(a.anchored_seq, 0) + 1
      left join lateral (
        select k.reason
          from audit.events as e
          join (values ('RUN_ARMED', 'ARMED'), ('RUN_HALTED', 'HALTED'), ('RUN_STOPPED', 'STOPPED'),
                       ('ANCHOR_ASKED', 'ASKED')) as k (event_name, reason) using (event_name)
         where e.chain_id = c.chain_id and e.event_seq > coalesce(a.anchored_seq, 0)
         order by e.event_seq desc
         limit 1) as u on true
     where c.engine_id in (p_engine_id, 'DESK')
     order by u.reason is null, f.occurred_at, c.chain_id;
$function$;

comment on function audit.find_unanchored(text, timestamptz, timestamptz) is
$$The chains of an engine, and the chain DESK, that have events after their last anchor: the head, the time
of the first such event, and why the head is to be anchored now; null: not yet. The urgent first.
Why: a run that is armed, stopped or halted, and the close of a session (p_closed_at: the last one, or
null), wait for nothing; any other event waits for a minute; one from the future does not wait. What
comes at the very close waits: telling of the anchor would ask for the next one.$$;

create or replace function audit.get_last_anchor(
    p_engine_id text
)
returns audit.anchors
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from audit.anchors as a
     where a.engine_id = p_engine_id
     order by a.anchor_no desc
     limit 1;
$function$;

comment on function audit.get_last_anchor(text) is
$$The last anchor of an engine, or null.$$;

create or replace function audit.claim_anchor(
    p_engine_id text,
    p_file_end  jsonb,
    p_key_id    text,
    p_closed_at timestamptz,
    p_now_at    timestamptz
)
returns table (
    is_signed boolean,
    anchor    jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_last audit.anchors := audit.get_last_anchor(p_engine_id);
    v_no   bigint := coalesce(v_last.anchor_no, 0);
    v_hash text := coalesce(v_last.anchor_hash, '');
begin
    if (p_file_end ->> 'anchor_no')::bigint = v_no + 1 and p_file_end ->> 'prev_hash' = v_hash then
        return query select true, p_file_end;
        return;
    end if;
    if (coalesce(p_file_end ->> 'anchor_no', '0'), coalesce(p_file_end ->> 'anchor_hash', ''))
       is distinct from (v_no::text, v_hash)
    then
        perform core.raise_error('MQG66', format(
            '%s: the file ends with %s %s, the database with %s %s', p_engine_id,
            coalesce(p_file_end ->> 'anchor_no', 'none'), left(p_file_end ->> 'anchor_hash', 16),
            v_no, left(v_hash, 16)));
    end if;
    return query
    select false, jsonb_build_object(
               'engine_id', p_engine_id, 'anchor_no', v_no + 1, 'prev_hash', v_hash,
               'chain_id', u.chain_id, 'event_seq', u.event_seq, 'event_hash', u.event_hash,
               'anchored_us',
               (extract(epoch from greatest(p_now_at, v_last.anchored_at)) * 1000000)::bigint,
               'reason', u.reason, 'key_id', p_key_id)
      from audit.find_unanchored(p_engine_id, p_closed_at, p_now_at) as u
     where u.reason is not null
     limit 1;
end;
$function$;

comment on function audit.claim_anchor(text, jsonb, text, timestamptz, timestamptz) is
$$Gives the next anchor to be signed and published, none when nothing is due, or (is_signed) the last line
of the anchor file when it has not been recorded: its worker ended between the two.
Why: the file is written first, so that what the database holds has been published; and a database that
was set back, or a file that was cut, shows here at once.
Raises: MQG66 file and database do not end with the same anchor.$$;

create or replace function audit.record_anchor(
    p_engine_id text,
    p_anchor    jsonb,
    p_file_name text,
    p_now_at    timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_anchor audit.anchors;
begin
    insert into audit.anchors (
        engine_id, anchor_no, prev_hash, chain_id, event_seq, event_hash, anchored_at, reason, key_id,
        signature, file_name, actor)
    select p_engine_id, a.anchor_no, a.prev_hash, a.chain_id, a.event_seq, a.event_hash,
           timestamptz 'epoch' + a.anchored_us * interval '1 us', a.reason, a.key_id,
           a.signature, p_file_name, audit.get_actor()
      from jsonb_to_record(p_anchor) as a (
           anchor_no bigint, prev_hash text, chain_id uuid, event_seq bigint, event_hash text,
           anchored_us bigint, reason text, key_id text, signature text)
    returning * into v_anchor;
    perform core.assert_that(
        v_anchor.anchor_hash = p_anchor ->> 'anchor_hash' and p_engine_id = p_anchor ->> 'engine_id',
        'MQA66', format('anchor %s of %s', v_anchor.anchor_no, p_engine_id));
    if v_anchor.reason <> 'MINUTE' then
        perform audit.append_event(
            audit.open_engine_chain(p_engine_id, p_now_at), 'AUDIT', 'ANCHORED',
            jsonb_build_object('anchor_no', v_anchor.anchor_no, 'anchor_hash', v_anchor.anchor_hash,
                               'reason', v_anchor.reason, 'key_id', v_anchor.key_id), p_now_at);
    end if;
    return v_anchor.anchor_no;
end;
$function$;

comment on function audit.record_anchor(text, jsonb, text, timestamptz) is
$$Keeps an anchor that has been published (p_anchor: the line of the file); gives its number. One that does
not follow the last, or holds no event as it is, has no place. What asked for itself, a close too, is told.
Raises: MQA66 the hash is not of these fields; 23503, 23505, 23514.$$;

create or replace function audit.list_anchor_breaks(
    p_engine_id text
)
returns table (
    anchor_no bigint,
    chain_id  uuid,
    event_seq bigint,
    finding   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with walked as (
        select a.*, lag(a.anchor_no) over w as no_before, lag(a.anchor_hash) over w as hash_before
          from audit.anchors as a
         where a.engine_id = p_engine_id
        window w as (order by a.anchor_no)
    )
    select w.anchor_no, w.chain_id, w.event_seq, f.finding
      from walked as w
      left join audit.events as e on e.chain_id = w.chain_id and e.event_seq = w.event_seq
      cross join lateral (
        values (case when w.anchor_no <> coalesce(w.no_before, 0) + 1
                     then 'an anchor is missing' end),
               (case when w.prev_hash <> coalesce(w.hash_before, '')
                     then 'the link to the anchor before is broken' end),
               (case when e.event_hash is null then 'the anchored event is missing'
                     when e.event_hash <> w.event_hash then 'the anchored event is another one' end)
           ) as f (finding)
     where f.finding is not null
     order by w.anchor_no;
$function$;

comment on function audit.list_anchor_breaks(text) is
$$Every break of an engine's anchors as the database holds them, and of the events that they hold.
Why: who rewrites a chain and its head must rewrite these too, and cannot rewrite the file outside.$$;

create or replace function audit.compare_anchors(
    p_engine_id text,
    p_anchors   jsonb,
    p_is_end    boolean
)
returns table (
    anchor_no bigint,
    chain_id  uuid,
    event_seq bigint,
    finding   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with told as materialized (
        select a.anchor_no, a.chain_id, a.event_seq, a.event_hash, a.anchor_hash
          from jsonb_to_recordset(p_anchors) as a (
               anchor_no bigint, chain_id uuid, event_seq bigint, event_hash text, anchor_hash text)
    )
    select t.anchor_no, t.chain_id, t.event_seq, f.finding
      from told as t
      left join audit.anchors as a on a.engine_id = p_engine_id and a.anchor_no = t.anchor_no
      left join audit.events as e on e.chain_id = t.chain_id and e.event_seq = t.event_seq
      cross join lateral (
        values (case when e.event_hash is null then 'the anchored event is missing'
                     when e.event_hash <> t.event_hash then 'the anchored event is another one' end),
               (case when a.anchor_hash is null then 'the database has no such anchor'
                     when a.anchor_hash <> t.anchor_hash then 'the database has another anchor' end)
           ) as f (finding)
     where f.finding is not null
     union all
    select a.anchor_no, a.chain_id, a.event_seq, 'the file ends before this anchor'
      from audit.anchors as a
     where a.engine_id = p_engine_id
       and p_is_end
       and a.anchor_no > coalesce((select max(t.anchor_no) from told as t), 0)
     order by 1;
$function$;

comment on function audit.compare_anchors(text, jsonb, boolean) is
$$What the diary and the recorded anchors say against published ones (lines of an anchor file, in their
order; p_is_end: these are its last).
Why: what was published cannot be taken back, so that a cut tail and a chain rewritten whole show here.$$;

create or replace function audit.list_canonical(
    p_chain_id  uuid,
    p_after_seq bigint,
    p_limit     integer
)
returns table (
    chain_id    text,
    event_seq   bigint,
    prev_hash   text,
    occurred_us bigint,
    reported_us bigint,
    actor       text,
    topic       text,
    event_name  text,
    payload     text,
    event_hash  text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select e.chain_id::text, e.event_seq, e.prev_hash,
           (extract(epoch from e.occurred_at at time zone 'UTC') * 1000000)::bigint,
           (extract(epoch from e.reported_at at time zone 'UTC') * 1000000)::bigint,
           e.actor, e.topic, e.event_name, e.payload::text, e.event_hash
      from audit.events as e
     where e.chain_id = p_chain_id
       and e.event_seq > p_after_seq
     order by e.event_seq
     limit p_limit;
$function$;

comment on function audit.list_canonical(uuid, bigint, integer) is
$$Events of a chain after a number, each field as the text or number that its hash is taken of
(occurred_us, reported_us: microseconds since 1970 UTC).$$;

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
create or replace trigger _900_refuse_change before update or delete on audit.anchors
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on audit.anchors
for each statement execute function core.tg_refuse_change();

commit;
