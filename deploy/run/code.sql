-- Deploy mqk:run/code to pg
-- built from sql/run by `make code`: edit there

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

create or replace function run.store_config(
    p_canonical_json text,
    p_now_at         timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_canonical text;
begin
    begin
        v_canonical := core.format_canonical_json(p_canonical_json::jsonb);
    exception
        when invalid_text_representation then
            perform core.raise_error('MQA06', 'not json');
    end;
    perform core.assert_that(
        v_canonical = p_canonical_json, 'MQA06',
        format('%s characters, canonical are %s', length(p_canonical_json), length(v_canonical)));

    insert into run.configs (canonical_json, created_at)
    values (p_canonical_json, p_now_at)
    on conflict (config_hash) do nothing;
    return core.hash_text(p_canonical_json);
end;
$function$;

comment on function run.store_config(text, timestamptz) is
$$Stores a config by its hash; gives the hash. Storing it again changes nothing.
Why: the hash is computed from the text by Postgres; nobody can bind a run to another config.
Raises: MQA06 not json, or not in canonical form; MQA30 it holds a secret.$$;

create or replace function run.list_powers(
    p_login text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select concat_ws(', ', case when r.rolsuper then 'superuser' end,
                     case when r.rolbypassrls then 'bypassrls' end,
                     case when r.rolcreaterole then 'createrole' end,
                     case when r.rolcreatedb then 'createdb' end,
                     case when r.rolreplication then 'replication' end,
                     case when pg_has_role(r.oid, 'mqk_owner', 'member') then 'member of mqk_owner' end,
                     case when r.oid = d.datdba then 'owner of the database' end)
      from pg_roles as r
      join pg_database as d on d.datname = current_database()
     where r.rolname = p_login;
$function$;

comment on function run.list_powers(text) is
$$What a login may do that no grant of this house can hold back; empty: nothing; null: no such login.$$;

create or replace function run.assert_login()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        run.list_powers(session_user) = '', 'MQG60',
        format('%s: %s', session_user, run.list_powers(session_user)));
end;
$function$;

comment on function run.assert_login() is
$$Refuses a login that Postgres cannot hold back: superuser, bypassrls, createrole, createdb, replication,
a member of mqk_owner, the owner of the database.
Why: every promise that rests on a grant is empty for such a login, so no worker starts with it.
Raises: MQG60 naming the powers.$$;

create or replace function run.is_in_scope(
    p_login     text,
    p_engine_id text
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(p_engine_id = any((
               select s.engine_ids
                 from run.login_scopes as s
                where s.login = p_login
                order by s.scope_seq desc
                limit 1)::text[]), true);
$function$;

comment on function run.is_in_scope(text, text) is
$$Whether a login may know of this engine: for what is not reached through run.runs, where a policy
says the same. True for what belongs to no engine.$$;

create or replace function run.set_scope(
    p_login      text,
    p_engine_ids text[],
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        (select s.engine_ids from run.login_scopes as s
          where s.login = audit.get_actor() order by s.scope_seq desc limit 1) is null,
        'MQG65', audit.get_actor());
    perform core.assert_that(
        exists (select from pg_roles as r where r.rolname = p_login and r.rolcanlogin),
        'MQN61', p_login);
    insert into run.login_scopes (login, engine_ids, set_by, set_at)
    values (p_login, nullif(p_engine_ids, '{}'), audit.get_actor(), p_now_at);
end;
$function$;

comment on function run.set_scope(text, text[], timestamptz) is
$$From now on the login knows of these engines and no other; none named: of all.
Why: who is himself scoped could else widen his own scope, or hide an engine from those who may halt it.
Raises: MQG65 the caller is scoped; MQN61 no such login; 23514 an engine's name is malformed.$$;

create or replace function run.assert_run(
    p_run_id uuid
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from run.runs as r where r.run_id = p_run_id), 'MQN02', p_run_id::text);
    return true;
end;
$function$;

comment on function run.assert_run(uuid) is
$$True, or an error: there is no such run. Stands in the where clause of a reading door.
Why: an empty answer about a run that never was would look like a quiet run.
Raises: MQN02.$$;

create or replace function run.lock_run(
    p_run_id    uuid,
    p_may_brake boolean,
    p_now_at    timestamptz
)
returns run.runs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    if num_nulls(p_run_id, p_now_at) > 0 then
        perform core.raise_error('MQA01', 'run_id, now_at');
    elsif p_may_brake then
        select r.* into v_run from run.runs as r where r.run_id = p_run_id for no key update;
    else
        select r.* into v_run from run.runs as r where r.run_id = p_run_id for share;
    end if;
    if not found then
        perform core.raise_error('MQN02', p_run_id::text);
    elsif v_run.clock_kind = 'SERVER' then
        perform core.assert_clock_is_near(p_now_at);
    end if;
    return v_run;
end;
$function$;

comment on function run.lock_run(uuid, boolean, timestamptz) is
$$Takes the lock of a run first of all locks and gives its row: shared for a worker that only trades,
exclusive (p_may_brake) for one that may halt it.
Why: one lock order, so that a halt and a dispatch can never both win; and no wrong clock gets in.
Raises: MQA01; MQN02 no such run; MQA03 the time is far from the server's clock.$$;

create or replace function run.clamp_now(
    p_run_id uuid,
    p_now_at timestamptz
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    return greatest(
        p_now_at, (select c.last_at from audit.chains as c where c.chain_id = p_run_id));
end;
$function$;

comment on function run.clamp_now(uuid, timestamptz) is
$$p_now_at, but never before the last event of the run.
Why: a caller with a slow clock must not make an expired gate look fresh.$$;

create or replace function run.move_run(
    p_run_id    uuid,
    p_to_status text,
    p_reason    text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    select r.* into strict v_run from run.runs as r where r.run_id = p_run_id;
    perform core.assert_that(
        exists (select from run.run_moves as m
                 where m.from_status = v_run.run_status and m.to_status = p_to_status),
        'MQS01', format('%s to %s', v_run.run_status, p_to_status));

    insert into run.run_history (
        run_id, history_seq, from_status, to_status, reason, actor, moved_at)
    values (p_run_id, v_run.status_seq + 1, v_run.run_status, p_to_status, p_reason, audit.get_actor(),
            run.clamp_now(p_run_id, p_now_at));
    update run.runs as r
       set run_status = p_to_status, status_seq = r.status_seq + 1,
           armed_epoch = r.armed_epoch + (p_to_status = 'ARMED')::integer
     where r.run_id = p_run_id;
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'RUN_' || p_to_status, jsonb_build_object('reason', p_reason), p_now_at);
exception
    when unique_violation then
        perform core.raise_error('MQS04', format('run %s, account %s', p_run_id, v_run.account_id));
end;
$function$;

comment on function run.move_run(uuid, text, text, timestamptz) is
$$Moves a run's status, with its history row and its diary entry. The caller holds the run's lock.
Why: the one writer of run_status; the foreign keys to run_moves and run_history watch it.
Raises: MQS01 not a legal move; MQS04 another run holds the account or the LIVE place.$$;

create or replace function run.bind_account(
    p_engine_id  text,
    p_account_id text,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bound text;
begin
    insert into run.live_accounts (engine_id, account_id, bound_by, bound_at)
    values (p_engine_id, p_account_id, audit.get_actor(), p_now_at)
    on conflict do nothing;
    select string_agg(format('engine %s trades account %s', a.engine_id, a.account_id), ', ')
      into v_bound
      from run.live_accounts as a
     where (a.engine_id = p_engine_id or a.account_id = p_account_id)
       and (a.engine_id, a.account_id) <> (p_engine_id, p_account_id);
    perform core.assert_that(v_bound is null, 'MQS11', v_bound);
end;
$function$;

comment on function run.bind_account(text, text, timestamptz) is
$$Binds an engine and the account that it trades LIVE to each other, for good; doing it again does nothing.
Why: two engines in one account would take each other's positions for drift, or for their own.
Raises: MQS11 one of the two is bound to another.$$;

create or replace function run.derive_run_id(
    p_engine_id   text,
    p_mode        text,
    p_config_hash text,
    p_as_of_at    timestamptz,
    p_run_seq     bigint
)
returns uuid
language sql
immutable
parallel safe
return core.derive_id('run', array[
    p_engine_id, p_mode, p_config_hash, core.format_iso(p_as_of_at), p_run_seq::text]);

comment on function run.derive_run_id(text, text, text, timestamptz, bigint) is
$$The id of an engine's p_run_seq-th run: the same acts give the same id.$$;

create or replace function run.create_run(
    p_engine_id           text,
    p_mode                text,
    p_clock_kind          text,
    p_config_hash         text,
    p_account_id          text,
    p_as_of_at            timestamptz,
    p_initial_cash_micros bigint,
    p_deadman_ttl_ms      integer,
    p_gate_ttl_ms         bigint,
    p_needs_deadman_file  boolean,
    p_symbols             text[],
    p_now_at              timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq    bigint;
    v_run_id uuid;
begin
    insert into run.engines (engine_id, mode, last_run_seq, created_at)
    values (p_engine_id, p_mode, 0, p_now_at)
    on conflict (engine_id) do nothing;
    update run.engines as e set last_run_seq = e.last_run_seq + 1
     where e.engine_id = p_engine_id
    returning e.last_run_seq into v_seq;
    if p_mode = 'LIVE' then
        perform run.bind_account(p_engine_id, p_account_id, p_now_at);
    end if;

    v_run_id := run.derive_run_id(p_engine_id, p_mode, p_config_hash, p_as_of_at, v_seq);
    insert into run.runs (
        run_id, engine_id, run_seq, mode, clock_kind, config_hash, account_id, as_of_at,
        initial_cash_micros, deadman_ttl_ms, gate_ttl_ms, needs_deadman_file, run_status,
        status_seq, armed_epoch, created_by, created_at)
    values (v_run_id, p_engine_id, v_seq, p_mode, p_clock_kind, p_config_hash, p_account_id,
            p_as_of_at, p_initial_cash_micros, p_deadman_ttl_ms, p_gate_ttl_ms,
            p_needs_deadman_file, 'CREATED', 1, 0, audit.get_actor(), p_now_at);
    insert into run.run_history (
        run_id, history_seq, from_status, to_status, reason, actor, moved_at)
    values (v_run_id, 1, 'NEW', 'CREATED', 'created', audit.get_actor(), p_now_at);
    insert into run.universe (run_id, symbol)
    select v_run_id, s.symbol from unnest(p_symbols) as s (symbol) order by s.symbol collate "C";

    perform audit.open_run_chain(v_run_id, p_engine_id, p_now_at);
    perform audit.append_event(
        v_run_id, 'RUNTIME', 'RUN_CREATED',
        jsonb_build_object(
            'engine_id', p_engine_id, 'run_seq', v_seq, 'mode', p_mode,
            'config_hash', p_config_hash, 'account_id', p_account_id, 'symbols', p_symbols,
            'clock_kind', p_clock_kind, 'as_of_at', core.format_iso(p_as_of_at),
            'initial_cash_micros', p_initial_cash_micros, 'deadman_ttl_ms', p_deadman_ttl_ms,
            'gate_ttl_ms', p_gate_ttl_ms, 'needs_deadman_file', p_needs_deadman_file),
        p_now_at);
    return v_run_id;
end;
$function$;

comment on function run.create_run(
    text, text, text, text, text, timestamptz, bigint, integer, bigint, boolean, text[], timestamptz) is
$$Creates a run in status CREATED with its universe and its diary; gives its id.
Why: the id is derived from engine, mode, config, as-of and the engine's own sequence, so a replay
of the same acts gives the same ids.
Raises: 23514 a value breaks a named rule; 23503 an unknown symbol or config.$$;

create or replace function run.get_trip_kind(
    p_gate   text,
    p_reason text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_gate when 'INTEGRITY' then 'STALE_DATA'
                       when 'RECON' then 'DESYNC'
                       when 'DEADMAN' then 'DEADMAN'
                       else coalesce((select k.trip_kind from run.trip_kinds as k
                                       where k.trip_kind = p_reason), 'LIMIT') end;
$function$;

comment on function run.get_trip_kind(text, text) is
$$The kill switch that a shut gate pulls; gate RISK shuts with the name of the broken limit.
Why: a reason that is no name still halts, as LIMIT.$$;

create or replace function run.set_gate(
    p_run_id     uuid,
    p_gate       text,
    p_is_open    boolean,
    p_reason     text,
    p_evidence   jsonb,
    p_expires_at timestamptz,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_now_at timestamptz := run.clamp_now(p_run_id, p_now_at);
    v_seq    bigint;
    v_same   boolean;
begin
    select g.gate_seq, g.is_open = p_is_open and h.reason = p_reason into v_seq, v_same
      from run.gates as g
      join run.gate_history as h using (run_id, gate, gate_seq)
     where g.run_id = p_run_id and g.gate = p_gate;

    if v_same is not true then
        v_seq := coalesce(v_seq, 0) + 1;
        insert into run.gate_history (
            run_id, gate, gate_seq, is_open, reason, evidence, actor, observed_at)
        values (p_run_id, p_gate, v_seq, p_is_open, p_reason, p_evidence, audit.get_actor(), v_now_at);
        perform audit.append_event(
            p_run_id, 'RUNTIME', case when p_is_open then 'GATE_OPENED' else 'GATE_SHUT' end,
            jsonb_build_object('gate', p_gate, 'reason', p_reason, 'evidence', p_evidence), p_now_at);
    end if;
    insert into run.gates (
        run_id, gate, gate_seq, is_open, observed_at, expires_at, boot_at)
    values (p_run_id, p_gate, v_seq, p_is_open, v_now_at, greatest(p_expires_at, v_now_at),
            core.get_boot_at())
    on conflict (run_id, gate) do update
       set gate_seq = excluded.gate_seq, is_open = excluded.is_open,
           observed_at = excluded.observed_at, expires_at = excluded.expires_at,
           boot_at = excluded.boot_at;
    if not p_is_open and p_gate <> 'CONTINUITY' then
        perform run.halt_run(
            p_run_id, run.get_trip_kind(p_gate, p_reason), left(p_gate || ': ' || p_reason, 500),
            p_evidence, p_now_at)
           from run.runs as r
          where r.run_id = p_run_id
            and (r.run_status in ('ARMED', 'RUNNING')
                 or r.run_status = 'HALTED' and v_same is not true);
    end if;
end;
$function$;

comment on function run.set_gate(uuid, text, boolean, text, jsonb, timestamptz, timestamptz) is
$$Records a verdict on one of the gates; shutting one halts an armed or running run, but for CONTINUITY,
which heals when the worker has caught up.
The caller holds the run's exclusive lock (run.lock_run).
A halted run keeps the reasons that come after its halt, too.
Why: a brake that was pulled stays pulled: the run is HALTED until a person clears it.$$;

create or replace function run.list_shut_gates(
    p_run_id uuid,
    p_gates  text[],
    p_now_at timestamptz
)
returns table (
    gate   text,
    reason text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with clock as materialized (
        select run.clamp_now(p_run_id, p_now_at) as now_at
    )
    select k.gate,
           case when g.gate is null then 'never observed'
                when not g.is_open then h.reason
                when g.boot_at <> core.get_boot_at()
                    then 'the server was started at ' || core.format_iso(core.get_boot_at())
                else 'no proof since ' || core.format_iso(g.observed_at) end
      from clock as c
      cross join unnest(p_gates) as k (gate)
      left join run.gates as g on g.run_id = p_run_id and g.gate = k.gate
      left join run.gate_history as h
        on h.run_id = g.run_id and h.gate = g.gate and h.gate_seq = g.gate_seq
     where g.is_open is not true
        or g.boot_at <> core.get_boot_at()
        or g.expires_at <= c.now_at
     order by k.gate;
$function$;

comment on function run.list_shut_gates(uuid, text[], timestamptz) is
$$The gates among p_gates that are shut at p_now_at, with why; no row = all are open and fresh.
Why: absence of proof shuts a gate: a row that is missing, expired, or from before the server's last
start counts as shut.$$;

create or replace function run.list_gates()
returns text[]
language sql
immutable
parallel safe
return array['CONTINUITY', 'DEADMAN', 'INTEGRITY', 'RECON', 'RISK'];

comment on function run.list_gates() is
$$The gates that must all be open for an order to be submitted.$$;

create or replace function run.may_trade(
    p_run_id uuid,
    p_now_at timestamptz
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    return exists (select from run.runs as r
                    where r.run_id = p_run_id and r.run_status = 'RUNNING')
           and not exists (
               select from run.list_shut_gates(
                   p_run_id, run.list_gates(), p_now_at));
end;
$function$;

comment on function run.may_trade(uuid, timestamptz) is
$$True while the run is RUNNING and all gates are open and fresh at p_now_at.$$;

create or replace function run.assert_may_trade(
    p_run_id uuid,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_status text;
    v_shut   text;
begin
    select r.run_status into v_status from run.runs as r where r.run_id = p_run_id;
    perform core.assert_that(v_status = 'RUNNING', 'MQS02', coalesce(v_status, 'no such run'));
    select string_agg(s.gate || ': ' || s.reason, '; ') into v_shut
      from run.list_shut_gates(
           p_run_id, run.list_gates(), p_now_at) as s;
    perform core.assert_that(v_shut is null, 'MQG01', v_shut);
end;
$function$;

comment on function run.assert_may_trade(uuid, timestamptz) is
$$Refuses unless the run is RUNNING and all gates are open and fresh at p_now_at.
Why: called when an order is claimed and again before it is dispatched.
Raises: MQS02 not running; MQG01 naming every shut gate and its reason.$$;

create or replace function run.halt_run(
    p_run_id    uuid,
    p_trip_kind text,
    p_reason    text,
    p_evidence  jsonb,
    p_now_at    timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    select r.* into v_run from run.runs as r where r.run_id = p_run_id for no key update;
    perform core.assert_that(found, 'MQN02', p_run_id::text);
    if v_run.run_status <> 'HALTED' then
        perform run.move_run(p_run_id, 'HALTED', p_reason, p_now_at);
        perform pg_notify('mqk_run', p_run_id::text);
    end if;
    insert into run.trips (
        run_id, trip_seq, trip_kind, halted_seq, reason, evidence, actor, tripped_at)
    select p_run_id,
           (select coalesce(max(t.trip_seq), 0) + 1 from run.trips as t where t.run_id = p_run_id),
           p_trip_kind, r.status_seq, left(p_reason, 500),
           coalesce(p_evidence, '{}') || jsonb_build_object('found', v_run.run_status), audit.get_actor(),
           run.clamp_now(p_run_id, p_now_at)
      from run.runs as r
     where r.run_id = p_run_id
    on conflict (run_id, halted_seq, trip_kind, reason) do nothing;
    if found then
        perform audit.append_event(
            p_run_id, 'RISK', 'TRIPPED',
            jsonb_build_object('trip_kind', p_trip_kind, 'reason', left(p_reason, 500),
                               'evidence', p_evidence), p_now_at);
    end if;
    return v_run.run_status <> 'HALTED';
end;
$function$;

comment on function run.halt_run(uuid, text, text, jsonb, timestamptz) is
$$Halts a run from wherever it stands and writes down which kill switch was pulled, with the numbers
that it saw; false when it was halted already: a new reason is kept all the same, once a halt.
Why: a halt needs nothing but the run: no gate, no clock, no owner. The one way to HALTED, so that no
halt is without its evidence.
Raises: MQN02 no such run; 23503 no such kill switch.$$;

create or replace function run.find_schema_change(
    p_run_id uuid
)
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select format('the schema is not the one that the run was armed on: %s, not %s',
                  left(f.fingerprint, 12), left(g.fingerprint, 12))
      from (select a.* from run.armings as a join run.runs as r using (run_id)
             where a.run_id = p_run_id and r.run_status in ('ARMED', 'RUNNING')
             order by a.history_seq desc limit 1) as g
     cross join lateral (
           select case when g.schema_mark = core.get_schema_mark() then g.fingerprint
                       else core.compute_fingerprint() end as fingerprint) as f
     where f.fingerprint <> g.fingerprint;
$function$;

comment on function run.find_schema_change(uuid) is
$$Why the functions, tables, guards and grants are not those that an armed run was armed on; null: they are,
or the run is not armed: a run is stopped for an upgrade, and its cancels must still leave.
Why: one of eight servers of Knight Capital ran other code than the rest, for 45 minutes.$$;

create or replace function run.list_lock_holders()
returns table (
    virtual_xid      text,
    pid              integer,
    login            text,
    application_name text
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select distinct l.virtualtransaction, l.pid, coalesce(a.usename::text, 'unknown'),
           coalesce(a.application_name, '')
      from pg_locks as l
      left join pg_stat_activity as a using (pid)
     where l.locktype = 'relation'
       and l.database = (select d.oid from pg_database as d where d.datname = current_database())
       and l.relation in ('run.runs'::regclass, 'audit.chains'::regclass)
       and l.mode <> 'AccessShareLock'
       and l.granted
       and l.pid <> pg_backend_pid()
       and not exists (select from pg_locks as w where w.pid = l.pid and not w.granted);
$function$;

comment on function run.list_lock_holders() is
$$The transactions, but ours, that have locked rows of runs or of the heads of their diaries, and do
not themselves wait for a lock.
Why: pg_blocking_pids answers only while somebody waits, and nobody can wait and look at once.$$;

create or replace function run.break_locks(
    p_virtual_xids text[]
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_holder record;
    v_ended  boolean;
    v_said   text := '';
begin
    for v_holder in
        select h.* from run.list_lock_holders() as h
         where h.virtual_xid = any(p_virtual_xids)
         order by h.pid
    loop
        begin
            v_ended := true;
            perform pg_terminate_backend(v_holder.pid);
        exception
            when insufficient_privilege then
                v_ended := false;
        end;
        v_said := v_said || format(
            '%s session %s of %s (%s); ', case when v_ended then 'ended' else 'may not end' end,
            v_holder.pid, v_holder.login, v_holder.application_name);
    end loop;
    return v_said;
end;
$function$;

comment on function run.break_locks(text[]) is
$$Ends the sessions of these transactions, if they still hold rows of runs or diaries; gives in words
whom it ended, and whom it may not end.
Why: who holds a lock must not be able to forbid a halt. It needs pg_signal_backend (docs/dba.md);
without it, and for a superuser's session, it only says so.$$;

create or replace function run.force_halt(
    p_run_id    uuid,
    p_trip_kind text,
    p_reason    text,
    p_now_at    timestamptz
)
returns table (
    is_new boolean,
    detail text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_before text := current_setting('lock_timeout');
    v_seen   text[] := '{}';
begin
    detail := '';
    for v_try in 1..4 loop
        perform set_config('lock_timeout', case v_try when 4 then '5s' else '200ms' end, true);
        begin
            lock table run.runs in exclusive mode;
            is_new := run.halt_run(p_run_id, p_trip_kind, p_reason, '{}', p_now_at);
            exit;
        exception
            when lock_not_available or deadlock_detected then
                detail := left(detail || run.break_locks(v_seen), 500);
                v_seen := array(select h.virtual_xid from run.list_lock_holders() as h);
                if v_try = 4 then
                    raise lock_not_available using
                        message = 'a halt waits for a session that holds the run', detail = detail,
                        hint = 'End it, or let a superuser: grant pg_signal_backend to mqk_owner.';
                end if;
        end;
    end loop;
    perform set_config('lock_timeout', v_before, true);
    if detail <> '' then
        perform audit.append_event(
            p_run_id, 'RUNTIME', 'HALT_BROKE_LOCKS', jsonb_build_object('detail', detail), p_now_at);
    end if;
    return next;
end;
$function$;

comment on function run.force_halt(uuid, text, text, timestamptz) is
$$Halts a run also against sessions that hold its locks: it waits twice 200 ms and ends the transactions
that held on all the while; the diary says whom. is_new: false when it was halted already. detail:
whom it ended, or may not end.
Why: halted within a second, whatever a worker does. A row that is shared again and again would let
the halt wait for ever; the lock of the table is given in turn (readers do not notice). Where the
right to end sessions is missing, it waits five seconds more and then gives up aloud.
Raises: MQN02; 55P03 naming who holds the run.$$;

create or replace function run.register_worker(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_build        text,
    p_secret_names text[],
    p_now_at       timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run   run.runs;
    v_armed text;
begin
    perform core.assert_that(
        run.is_own_kind(p_worker_kind) is not false, 'MQG09', p_worker_kind);
    v_run := run.lock_run(p_run_id, true, p_now_at);
    select g.build into v_armed
      from run.armings as g
     where g.run_id = p_run_id
     order by g.history_seq desc
     limit 1;
    perform core.assert_that(
        v_run.run_status not in ('ARMED', 'RUNNING') or p_build = v_armed, 'MQG11',
        format('%s runs %s, armed with %s', p_worker_kind, p_build, v_armed));
    if exists (select from run.workers as w
                where (w.run_id, w.worker_kind, w.worker_name, w.build, w.secret_names, w.actor)
                      = (p_run_id, p_worker_kind, p_worker_name, p_build, p_secret_names,
                         session_user::text))
    then
        return;
    end if;
    insert into run.workers (
        run_id, worker_kind, worker_name, build, secret_names, actor, registered_at)
    values (p_run_id, p_worker_kind, p_worker_name, p_build, p_secret_names, session_user,
            run.clamp_now(p_run_id, p_now_at))
    on conflict (run_id, worker_kind) do update
       set worker_name = excluded.worker_name, build = excluded.build,
           secret_names = excluded.secret_names, actor = excluded.actor,
           registered_at = excluded.registered_at;
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'WORKER_REGISTERED',
        jsonb_build_object('worker_kind', p_worker_kind, 'worker_name', p_worker_name,
                           'build', p_build, 'secret_names', p_secret_names), p_now_at);
end;
$function$;

comment on function run.register_worker(uuid, text, text, text, text[], timestamptz) is
$$A worker says what it is before it acts: its name, the SHA-256 of its program, the names of the
secrets that it has.
Why: an old program that joins a running desk is how one firm was lost in 45 minutes; while a run is
armed only the program it was armed with is let in.
Raises: MQG09 the login is not of this kind; MQG11 another program; MQN02; MQA03; 23514.$$;

create or replace function run.list_approvals(
    p_run_id uuid,
    p_now_at timestamptz
)
returns setof run.approvals
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from run.approvals as a
     where a.run_id = p_run_id
       and a.approved_at between p_now_at - interval '15 minutes' and p_now_at
       and not exists (
           select from run.run_history as h
            where h.run_id = a.run_id and h.from_status <> 'NONE' and h.moved_at > a.approved_at)
       and not exists (
           select from run.armings as g
            where (g.run_id, g.approved_by, g.approved_at)
                  = (a.run_id, a.approved_by, a.approved_at));
$function$;

comment on function run.list_approvals(uuid, timestamptz) is
$$The approvals of a run that still count: at most 15 minutes old, not older than the run's last
move, and not used by an arming.
Why: who approved before a halt has not seen the halt.$$;

create or replace function run.approve_run(
    p_run_id uuid,
    p_words  text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_now_at timestamptz;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    insert into run.approvals (run_id, approved_by, words, approved_at)
    values (p_run_id, audit.get_actor(), p_words, v_now_at)
    on conflict (run_id, approved_by, approved_at) do nothing;
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'RUN_APPROVED', jsonb_build_object('words', p_words), p_now_at);
end;
$function$;

comment on function run.approve_run(uuid, text, timestamptz) is
$$Records that the person logged in approves arming this run, once, within 15 minutes.
Raises: MQN02 no such run.$$;

create or replace function run.change_mode(
    p_args   jsonb,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_engine_id text := p_args ->> 'engine_id';
    v_to        text := p_args ->> 'mode';
    v_mode      text;
    v_active    text;
begin
    select e.mode into v_mode
      from run.engines as e
     where e.engine_id = v_engine_id and run.is_in_scope(session_user, v_engine_id)
       for no key update;
    perform core.assert_that(found, 'MQN10', v_engine_id);
    perform core.assert_that(
        v_to in ('PAPER', 'SHADOW', 'LIVE'), 'MQA02', format('mode %s', coalesce(v_to, 'null')));
    if v_mode = v_to then
        return 'same mode: ' || v_to;
    end if;
    select string_agg(format('%s is %s in %s', r.run_id, r.run_status, r.mode), '; ') into v_active
      from run.runs as r
     where r.engine_id = v_engine_id and r.active_mode is not null;
    perform core.assert_that(v_active is null, 'MQS12', v_active);
    update run.engines as e set mode = v_to where e.engine_id = v_engine_id;
    perform audit.append_event(
        audit.open_engine_chain(v_engine_id, p_now_at), 'RUNTIME', 'MODE_CHANGED',
        jsonb_build_object('from', v_mode, 'to', v_to, 'reason', p_args ->> 'reason'), p_now_at);
    return format('%s to %s', v_mode, v_to);
end;
$function$;

comment on function run.change_mode(jsonb, timestamptz) is
$$Lets the runs of an engine be active in another mode from now on; gives what became of it.
p_args: {engine_id, mode, reason}.
Why: an engine trades in one mode at a time, and only a person decides which.
Raises: MQN10 no such engine; MQA02 no such mode; MQS12 a run of the engine is active.$$;

create or replace function run.find_artifact(
    p_config_hash text
)
returns run.artifacts
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from run.configs as c
      join run.artifacts as a using (terms_hash)
     where c.config_hash = p_config_hash
     order by a.promoted_at desc, a.artifact_id
     limit 1;
$function$;

comment on function run.find_artifact(text) is
$$The newest artifact that was promoted with the terms of a config, or null.$$;

create or replace function run.store_artifact(
    p_artifact_id      uuid,
    p_config_hash      text,
    p_strategy_id      text,
    p_strategy_version text,
    p_build            text,
    p_now_at           timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into run.artifacts (
        artifact_id, terms_hash, strategy_id, strategy_version, build, promoted_at)
    select p_artifact_id, c.terms_hash, p_strategy_id, p_strategy_version, p_build, p_now_at
      from run.configs as c
     where c.config_hash = p_config_hash;
$function$;

comment on function run.store_artifact(uuid, text, text, text, text, timestamptz) is
$$Lets a strategy of a version be armed LIVE with the terms of a config.
Why: lab is above run; what it promoted is pushed down, as a verdict is pushed into a gate.$$;

create or replace function run.arm_run(
    p_run_id uuid,
    p_words  text,
    p_checks jsonb,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run      run.runs;
    v_now_at   timestamptz;
    v_shut     text;
    v_approval run.approvals;
    v_artifact run.artifacts;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    perform core.assert_that(v_run.run_status <> 'HALTED', 'MQG06', p_run_id::text);
    select string_agg(s.gate || ': ' || s.reason, '; ') into v_shut
      from run.list_shut_gates(p_run_id, array['INTEGRITY', 'RECON', 'RISK'], p_now_at) as s;
    perform core.assert_that(v_shut is null, 'MQG01', v_shut);
    select a.* into v_approval
      from run.list_approvals(p_run_id, v_now_at) as a
     where a.approved_by <> audit.get_actor() and a.words = p_words
     order by a.approved_at desc
     limit 1;
    perform core.assert_that(v_run.mode <> 'LIVE' or found, 'MQG04', audit.get_actor());
    v_artifact := run.find_artifact(v_run.config_hash);
    perform core.assert_that(
        v_run.mode <> 'LIVE' or v_artifact.artifact_id is not null, 'MQG80', v_run.config_hash);
    perform run.move_run(p_run_id, 'ARMED', 'armed by ' || audit.get_actor(), p_now_at);
    insert into run.armings (
        run_id, history_seq, mode, config_hash, artifact_id, terms_hash, words, checks,
        armed_by, approved_by, approved_at,
        build, fingerprint, schema_mark, boot_at, armed_at)
    select p_run_id, v_run.status_seq + 1, v_run.mode, v_run.config_hash, v_artifact.artifact_id,
           v_artifact.terms_hash, p_words, p_checks, audit.get_actor(), v_approval.approved_by,
           v_approval.approved_at, w.build,
           core.compute_fingerprint(), core.get_schema_mark(), core.get_boot_at(), v_now_at
      from run.workers as w
     where w.run_id = p_run_id and w.worker_kind = 'gateway';
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'ARMING_PROVEN',
        jsonb_build_object(
            'config_hash', v_run.config_hash, 'artifact_id', v_artifact.artifact_id,
            'words', p_words, 'checks', p_checks, 'approved_by', v_approval.approved_by), p_now_at);
end;
$function$;

comment on function run.arm_run(uuid, text, jsonb, timestamptz) is
$$Arms a run whose integrity, reconcile and risk gates are open and fresh, and keeps the proof: the
words, every check (an array of {check_name, is_ok, ...}), who armed, who approved, the gateway's
program and the database's fingerprint.
A LIVE run needs an approval of the same words by another login, at most 15 minutes old, not used
before, and a promoted artifact of its terms.
Raises: MQG06 halted; MQG01 a gate is shut; MQG04 no second person; MQG80 no artifact; MQS01; MQS04;
23514 a check that did not pass; 23503 at commit when no gateway is registered.$$;

create or replace function run.begin_run(
    p_run_id uuid,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(
        a.boot_at = core.get_boot_at(), 'MQG10', core.format_iso(a.boot_at)),
            core.assert_that(
                run.clamp_now(p_run_id, p_now_at) <= a.armed_at + interval '15 minutes', 'MQG14',
                core.format_iso(a.armed_at)),
            core.assert_that(a.fingerprint = core.compute_fingerprint(), 'MQG12', a.fingerprint)
       from run.armings as a
      where a.run_id = p_run_id and a.history_seq = v_run.status_seq;
    perform run.move_run(p_run_id, 'RUNNING', 'begun', p_now_at);
    insert into run.heartbeats (run_id, worker_kind, worker_name, beat_at)
    select p_run_id, k.worker_kind, 'begin', run.clamp_now(p_run_id, p_now_at)
      from unnest(array['gateway', 'broker_events', 'snapshots']) as k (worker_kind)
    on conflict (run_id, worker_kind) do update
       set worker_name = excluded.worker_name, beat_at = excluded.beat_at;
    perform run.set_gate(
        p_run_id, 'DEADMAN', true, 'workers are alive', '{}',
        run.clamp_now(p_run_id, p_now_at) + v_run.deadman_ttl_ms * interval '1 ms', p_now_at);
end;
$function$;

comment on function run.begin_run(uuid, timestamptz) is
$$Begins an armed run; from now on each worker kind must show a sign of life within the deadman ttl.
Raises: MQS01 not armed; MQG10 the server was started since it was armed; MQG12 the
schema was changed since; MQG14 it was armed more than a quarter of an hour ago.$$;

create or replace function run.stop_run(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    if v_run.run_status = 'STOPPED' then
        return;
    end if;
    perform core.assert_that(
        v_run.run_status in ('ARMED', 'RUNNING'), 'MQS01', v_run.run_status || ' to STOPPED');
    perform run.move_run(p_run_id, 'STOPPED', p_reason, p_now_at);
end;
$function$;

comment on function run.stop_run(uuid, text, timestamptz) is
$$Stops an armed or running run: it is disarmed, nothing more is dispatched. One that is stopped stays so.
Raises: MQS01 the run is neither armed nor running.$$;

create or replace function run.clear_halted(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(
        v_run.run_status = 'HALTED', 'MQS01', v_run.run_status || ' is not HALTED');
    perform run.move_run(p_run_id, 'STOPPED', 'cleared: ' || p_reason, p_now_at);
end;
$function$;

comment on function run.clear_halted(uuid, text, timestamptz) is
$$Moves a halted run to STOPPED after a person looked into it; it stays disarmed.
Raises: MQS01 the run is not halted.$$;

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

create or replace function run.get_lease_ttl(
    p_run_id uuid
)
returns interval
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (c.config #>> '{runtime,lease_seconds}')::integer * interval '1 s'
      from run.runs as r
      join run.configs as c using (config_hash)
     where r.run_id = p_run_id;
$function$;

comment on function run.get_lease_ttl(uuid) is
$$How long a lease of this run lives without being renewed.$$;

create or replace function run.lock_lease(
    p_run_id      uuid,
    p_worker_kind text
)
returns run.leases
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease run.leases;
begin
    select l.* into v_lease
      from run.runs as r
      join run.leases as l using (engine_id, account_id)
     where r.run_id = p_run_id and l.worker_kind = p_worker_kind
       for no key update of l;
    return v_lease;
end;
$function$;

comment on function run.lock_lease(uuid, text) is
$$Locks and gives the lease of a worker kind for a run's engine and account; nulls before the first.$$;

create or replace function run.take_lease(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_worker_token text,
    p_before       run.leases,
    p_now_at       timestamptz
)
returns run.leases
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease run.leases;
    v_epoch bigint := coalesce(p_before.lease_epoch, 0) + 1;
begin
    insert into run.lease_history (
        engine_id, account_id, worker_kind, lease_epoch, run_id, worker_name, worker_token, actor,
        prior_ends_at, taken_at)
    select r.engine_id, r.account_id, p_worker_kind, v_epoch, p_run_id, p_worker_name,
           p_worker_token, session_user,
           case when v_epoch > 1 then least(p_before.expires_at, p_now_at) end, p_now_at
      from run.runs as r
     where r.run_id = p_run_id
    on conflict do nothing;
    if not found then
        return null;
    end if;
    insert into run.leases (
        engine_id, account_id, worker_kind, lease_epoch, renewed_at, expires_at)
    select r.engine_id, r.account_id, p_worker_kind, v_epoch, p_now_at,
           p_now_at + run.get_lease_ttl(p_run_id)
      from run.runs as r
     where r.run_id = p_run_id
    on conflict (engine_id, account_id, worker_kind) do update
       set lease_epoch = excluded.lease_epoch, renewed_at = excluded.renewed_at,
           expires_at = excluded.expires_at
    returning leases.* into v_lease;
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'LEASE_TAKEN',
        jsonb_build_object('worker_kind', p_worker_kind, 'worker_name', p_worker_name,
                           'lease_epoch', v_epoch), p_now_at);
    return v_lease;
end;
$function$;

comment on function run.take_lease(uuid, text, text, text, run.leases, timestamptz) is
$$Begins the epoch after p_before for a new holder. The caller holds the lease's lock and has found that
p_before has ended, or is left by its own holder for another run. Null: somebody else took it while
there was no lease yet to lock.
Why: each epoch refers to the one before it, so none is left out, used twice or gone back to.$$;

create or replace function run.acquire_lease(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_worker_token text,
    p_now_at       timestamptz
)
returns table (
    is_leader   boolean,
    lease_epoch bigint,
    holder      text,
    expires_at  timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease  run.leases;
    v_holder run.lease_history;
    v_now    timestamptz;
begin
    perform core.assert_that(run.is_own_kind(p_worker_kind), 'MQG09', p_worker_kind);
    v_lease := run.lock_lease(p_run_id, p_worker_kind);
    perform run.lock_run(p_run_id, false, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    select h.* into v_holder
      from run.lease_history as h
     where (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch)
           = (v_lease.engine_id, v_lease.account_id, v_lease.worker_kind, v_lease.lease_epoch);
    is_leader := (v_lease.expires_at > v_now) is not true
        or (v_holder.actor, v_holder.worker_name, v_holder.worker_token)
           = (session_user::text, p_worker_name, p_worker_token);
    if is_leader and v_lease.expires_at > v_now and v_holder.run_id = p_run_id then
        update run.leases as l
           set renewed_at = v_now,
               expires_at = greatest(l.expires_at, v_now + run.get_lease_ttl(p_run_id))
         where (l.engine_id, l.account_id, l.worker_kind)
               = (v_lease.engine_id, v_lease.account_id, v_lease.worker_kind)
        returning l.* into v_lease;
    elsif is_leader then
        v_lease := run.take_lease(
            p_run_id, p_worker_kind, p_worker_name, p_worker_token, v_lease, v_now);
        if v_lease.lease_epoch is null then  -- the first of all, and another was first
            return query select f.* from run.acquire_lease(
                p_run_id, p_worker_kind, p_worker_name, p_worker_token, p_now_at) as f;
            return;
        end if;
    end if;
    lease_epoch := v_lease.lease_epoch;
    expires_at := v_lease.expires_at;
    holder := case when is_leader then p_worker_name || ' as ' || session_user
                   else v_holder.worker_name || ' as ' || v_holder.actor end;
    return next;
end;
$function$;

comment on function run.acquire_lease(uuid, text, text, text, timestamptz) is
$$Takes the lease of a worker kind when it is free or expired (next epoch), renews it for the process
that holds it (same epoch), else says who leads and until when.
Why: a process is its login, its name and its token; the name alone does not take a living lease over.
Raises: MQG09 the login is not of this kind; MQN02; MQA03; 23514 no name or token.$$;

create or replace function run.assert_lease(
    p_run_id      uuid,
    p_worker_kind text,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease record;
begin
    select l.lease_epoch, l.expires_at, h.run_id = p_run_id and h.actor = session_user as is_mine
      into v_lease
      from run.runs as r
      join run.leases as l using (engine_id, account_id)
      left join run.lease_history as h
        on (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch)
           = (l.engine_id, l.account_id, l.worker_kind, p_lease_epoch)
     where r.run_id = p_run_id and l.worker_kind = p_worker_kind
       for share of l;
    if (v_lease.is_mine and v_lease.lease_epoch = p_lease_epoch
        and v_lease.expires_at > run.clamp_now(p_run_id, p_now_at)) is not true
    then
        perform core.raise_error(
            'MQG08', format('%s epoch %s; the lease is epoch %s until %s', p_worker_kind,
            p_lease_epoch, v_lease.lease_epoch, core.format_iso(v_lease.expires_at)));
    end if;
    return p_run_id;
end;
$function$;

comment on function run.assert_lease(uuid, text, bigint, timestamptz) is
$$Gives p_run_id back if p_lease_epoch is the living lease of this worker kind, login and run, and keeps
it so until the transaction ends.
Why: a worker that was stopped for longer than its lease does not know it; the door does. It stands
where a door hands the run's id on, so that it is judged first of all.
Raises: MQG08 no lease, another epoch, expired, another login's, another run's.$$;

create or replace function run.renew_lease(
    p_run_id      uuid,
    p_worker_kind text,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform run.assert_lease(p_run_id, p_worker_kind, p_lease_epoch, p_now_at);
    update run.leases as l
       set renewed_at = p_now_at,
           expires_at = greatest(l.expires_at, p_now_at + run.get_lease_ttl(p_run_id))
      from run.runs as r
     where r.run_id = p_run_id
       and (l.engine_id, l.account_id, l.worker_kind) = (r.engine_id, r.account_id, p_worker_kind)
       and p_now_at >= l.renewed_at + (l.expires_at - l.renewed_at) / 2;
    return p_run_id;
end;
$function$;

comment on function run.renew_lease(uuid, text, bigint, timestamptz) is
$$As run.assert_lease, and renews a lease that has lived half of its time; gives p_run_id.
Why: a leader with a long batch keeps leading by what it does, without a call of its own; one that
has not acted for its lease's time is refused.
Raises: MQG08 as run.assert_lease.$$;

create or replace function run.release_lease(
    p_run_id      uuid,
    p_worker_kind text,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lease run.leases;
    v_now   timestamptz;
begin
    v_lease := run.lock_lease(p_run_id, p_worker_kind);
    v_now := run.clamp_now(p_run_id, p_now_at);
    if v_lease.lease_epoch is distinct from p_lease_epoch or v_lease.expires_at <= v_now then
        return false;
    end if;
    perform run.assert_lease(p_run_id, p_worker_kind, p_lease_epoch, p_now_at);
    update run.leases as l
       set renewed_at = least(l.renewed_at, v_now), expires_at = v_now
     where (l.engine_id, l.account_id, l.worker_kind)
           = (v_lease.engine_id, v_lease.account_id, v_lease.worker_kind);
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'LEASE_RELEASED',
        jsonb_build_object('worker_kind', p_worker_kind, 'lease_epoch', p_lease_epoch), p_now_at);
    return true;
end;
$function$;

comment on function run.release_lease(uuid, text, bigint, timestamptz) is
$$Ends a lease at once, so that the next process need not wait for its expiry; false: it had ended.
Why: the row and its epoch stay; whoever is next gets the next epoch.
Raises: MQG08 the epoch is another login's or another run's; MQN02.$$;

create or replace function run.list_leases(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    worker_kind text,
    is_held     boolean,
    taken_at    timestamptz,
    what        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select k.worker_kind, coalesce(l.expires_at > run.clamp_now(p_run_id, p_now_at), false),
           h.taken_at,
           case when h.lease_epoch is null then 'nobody yet'
                else format('%s as %s, epoch %s, until %s', h.worker_name, h.actor, l.lease_epoch,
                            core.format_iso(l.expires_at)) end
      from unnest(array['gateway', 'broker_events', 'snapshots', 'strategist']) as k (worker_kind)
      join run.runs as r on r.run_id = p_run_id
      left join run.leases as l
        on (l.engine_id, l.account_id, l.worker_kind) = (r.engine_id, r.account_id, k.worker_kind)
      left join run.lease_history as h
        on (h.engine_id, h.account_id, h.worker_kind, h.lease_epoch)
           = (l.engine_id, l.account_id, l.worker_kind, l.lease_epoch)
     order by k.worker_kind;
$function$;

comment on function run.list_leases(uuid, timestamptz) is
$$Who leads each worker kind of a run's engine and account, since when, until when; or nobody yet.$$;

create or replace function run.record_heartbeat(
    p_run_id           uuid,
    p_worker_kind      text,
    p_worker_name      text,
    p_has_deadman_file boolean,
    p_now_at           timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run    run.runs;
    v_now_at timestamptz;
    v_oldest timestamptz;
    v_shut   text;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    if v_run.run_status in ('ARMED', 'RUNNING') and p_worker_kind = 'gateway'
       and v_run.needs_deadman_file and p_has_deadman_file is not true
    then
        perform run.set_gate(
            p_run_id, 'DEADMAN', false, 'the deadman file is not on the gateway''s machine',
            jsonb_build_object('worker_name', p_worker_name), v_now_at, p_now_at);
        return 'HALTED';
    elsif v_run.run_status <> 'RUNNING' then
        return v_run.run_status;
    end if;
    select s.reason into v_shut
      from run.list_shut_gates(p_run_id, array['DEADMAN'], p_now_at) as s;
    if found then
        perform run.set_gate(
            p_run_id, 'DEADMAN', false, 'a heartbeat came too late: ' || v_shut,
            jsonb_build_object('worker_kind', p_worker_kind), v_now_at, p_now_at);
        return 'HALTED';
    end if;
    insert into run.heartbeats (run_id, worker_kind, worker_name, beat_at)
    values (p_run_id, p_worker_kind, p_worker_name, v_now_at)
    on conflict (run_id, worker_kind) do update
       set worker_name = excluded.worker_name,
           beat_at = greatest(heartbeats.beat_at, excluded.beat_at);
    select min(h.beat_at) into v_oldest from run.heartbeats as h where h.run_id = p_run_id;
    perform run.set_gate(
        p_run_id, 'DEADMAN', true, 'workers are alive', '{}',
        v_oldest + v_run.deadman_ttl_ms * interval '1 ms', p_now_at);
    return 'RUNNING';
end;
$function$;

comment on function run.record_heartbeat(uuid, text, text, boolean, timestamptz) is
$$A worker kind's sign of life; gives the run's status. The gate stays open for the deadman ttl after
the oldest of the kinds' last beats.
p_has_deadman_file: whether the worker sees the engine's deadman file; without it the gateway's beat
halts an armed run that needs one.
Why: an expired deadman cannot be healed by a late beat: the beat halts the run instead.
Raises: MQN02; MQA03; 23514 unknown worker kind.$$;

create or replace function run.find_run(
    p_engine_id text
)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run_id uuid;
begin
    select r.run_id into v_run_id
      from run.runs as r
     where r.engine_id = p_engine_id
     order by (r.run_status in ('ARMED', 'RUNNING')) desc, r.run_seq desc
     limit 1;
    perform core.assert_that(found, 'MQN02', 'of engine ' || p_engine_id);
    return v_run_id;
end;
$function$;

comment on function run.find_run(text) is
$$The run of an engine: the active one, else the latest.
Raises: MQN02 the engine has none.$$;

create or replace function run.list_health(
    p_now_at timestamptz
)
returns table (
    run_id      uuid,
    engine_id   text,
    worker_kind text,
    worker_name text,
    beat_at     timestamptz,
    silent_ms   bigint,
    ttl_ms      integer,
    is_alive    boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.run_id, r.engine_id, k.worker_kind, h.worker_name, h.beat_at, s.silent_ms,
           r.deadman_ttl_ms, coalesce(s.silent_ms < r.deadman_ttl_ms, false)
      from run.runs as r
      cross join unnest(array['gateway', 'broker_events', 'snapshots']) as k (worker_kind)
      left join run.heartbeats as h on h.run_id = r.run_id and h.worker_kind = k.worker_kind
      left join lateral (
           select (extract(epoch from run.clamp_now(r.run_id, p_now_at) - h.beat_at) * 1000)::bigint
                      as silent_ms) as s on true
     where r.run_status = 'RUNNING'
     order by r.engine_id, r.run_id, k.worker_kind;
$function$;

comment on function run.list_health(timestamptz) is
$$The worker kinds that each running run depends on: last sign of life, how long ago, and whether that is
less than the deadman ttl. A kind that never gave one is not alive.$$;

create or replace function run.expire_deadmen(
    p_now_at timestamptz
)
returns table (
    run_id uuid,
    gate   text,
    reason text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    for v_run in
        select r.* from run.runs as r
         where r.run_status = 'RUNNING'
         order by r.run_id
           for no key update
    loop
        if v_run.clock_kind = 'SERVER' then
            perform core.assert_clock_is_near(p_now_at);
        end if;
        for gate, reason in
            select s.gate, s.reason
              from run.list_shut_gates(v_run.run_id, array['DEADMAN'], p_now_at) as s
        loop
            perform run.set_gate(
                v_run.run_id, 'DEADMAN', false, 'deadman expired: ' || reason, '{}', p_now_at,
                p_now_at);
            run_id := v_run.run_id;
            return next;
        end loop;
    end loop;
end;
$function$;

comment on function run.expire_deadmen(timestamptz) is
$$Halts every running run whose workers have been silent for the deadman ttl; gives those runs.
Why: silence is a reason to stop; run from cron or by the deadman worker.
Raises: MQA03 the caller's clock is wrong.$$;

create or replace function run.claim_anchor(
    p_run_id   uuid,
    p_file_end jsonb,
    p_key_id   text,
    p_now_at   timestamptz
)
returns table (
    is_signed boolean,
    anchor    jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_signed, f.anchor
      from run.runs as r
      cross join lateral (select run.clamp_now(p_run_id, p_now_at) as now_at) as n
      cross join lateral audit.claim_anchor(
           r.engine_id, p_file_end, p_key_id,
           (select max(s.closes_at)
              from ref.sessions as s
             where s.closes_at <= n.now_at
               and s.session_on between (n.now_at at time zone 'UTC')::date - 7
                                    and (n.now_at at time zone 'UTC')::date + 1), n.now_at) as f
     where r.run_id = p_run_id;
$function$;

comment on function run.claim_anchor(uuid, jsonb, text, timestamptz) is
$$The next anchor of the run's engine (audit.claim_anchor), with the last close of any exchange.
Raises: MQG66.$$;

create or replace function run.record_anchor(
    p_run_id    uuid,
    p_anchor    jsonb,
    p_file_name text,
    p_now_at    timestamptz
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select audit.record_anchor(
               r.engine_id, p_anchor, p_file_name, run.clamp_now(p_run_id, p_now_at))
      from run.runs as r
     where r.run_id = p_run_id;
$function$;

comment on function run.record_anchor(uuid, jsonb, text, timestamptz) is
$$Keeps a published anchor of the run's engine (audit.record_anchor).
Raises: MQA66; 23503, 23505, 23514.$$;

create or replace function run.tg_runs__guard_terms()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_free constant text[] := array[
        'run_status', 'status_seq', 'armed_epoch',
        'live_account_id', 'may_submit', 'active_mode'];  -- generated: not known yet
begin
    if to_jsonb(new) - v_free <> to_jsonb(old) - v_free
       or new.armed_epoch < old.armed_epoch
    then
        perform core.raise_error('MQI04', 'the terms of a run are pinned at its creation');
    end if;
    return new;
end;
$function$;

comment on function run.tg_runs__guard_terms() is
$$Refuses to change anything of a run but its status.
Why: engine, mode, config, account and limits of time are bound when the run is created.
Raises: MQI04.$$;

create or replace function run.tg_leases__guard_epoch()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    if (new.engine_id, new.account_id, new.worker_kind)
       <> (old.engine_id, old.account_id, old.worker_kind)
       or new.lease_epoch not in (old.lease_epoch, old.lease_epoch + 1)
    then
        perform core.raise_error('MQI04', 'the epoch of a lease only grows, by one');
    end if;
    return new;
end;
$function$;

comment on function run.tg_leases__guard_epoch() is
$$Refuses an epoch that goes back or leaps, and a lease that becomes another's.
Why: an old epoch that became current again would let a stale worker in.
Raises: MQI04.$$;

create or replace function run.tg_configs__refuse_secrets()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_found text;
begin
    select string_agg(format('CONFIG_SECRET_DETECTED %s REDACTED (%s)', s.path, s.rule_id), '; ')
      into v_found
      from core.list_secrets(new.canonical_json::jsonb) as s;
    perform core.assert_that(v_found is null, 'MQA30', v_found);
    return new;
end;
$function$;

comment on function run.tg_configs__refuse_secrets() is
$$Refuses a config that holds a secret: names the place and the rule, never the secret.
Raises: MQA30.$$;

create or replace trigger _900_refuse_change before update or delete on run.run_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.trips
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.trips
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.trip_kinds
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.trip_kinds
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.gate_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.configs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.universe
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.approvals
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.artifacts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.artifacts
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.armings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on run.runs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.run_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.gate_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.configs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.universe
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.approvals
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.armings
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_terms before update on run.runs
for each row execute function run.tg_runs__guard_terms();
create or replace trigger _900_refuse_truncate before truncate on run.runs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.lease_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.lease_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_epoch before update on run.leases
for each row execute function run.tg_leases__guard_epoch();
create or replace trigger _900_refuse_delete before delete on run.leases
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.leases
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.live_accounts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.live_accounts
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_refuse_secrets before insert on run.configs
for each row execute function run.tg_configs__refuse_secrets();
create or replace trigger _900_refuse_change before update or delete on run.login_scopes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.login_scopes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on run.run_moves
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on run.run_moves
for each statement execute function core.tg_refuse_change();

commit;
