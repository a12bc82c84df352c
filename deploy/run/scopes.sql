-- Deploy mqk:run/scopes to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table run.login_scopes (
    login      text        not null,
    scope_seq  bigint      not null generated always as identity,
    engine_ids text[],
    set_by     text        not null,
    set_at     timestamptz not null,

    constraint login_scopes_pkey primary key (login, scope_seq),
    constraint login_scopes_name_engines check (
        array_position(engine_ids, null) is null
        and array_to_string(engine_ids, ' ') ~ '^([A-Z][A-Z0-9]{1,7}( |$))*$')
);

comment on table run.login_scopes is
    $$Which engines a login may know of: its last row; append-only. A login without one knows all.$$;
comment on column run.login_scopes.engine_ids is $$Null: all engines.$$;

-- Every door runs as the owner, and every fact of a run is reached through its run: so this one policy
-- scopes every door. Built-ins only, so that no room's code stands in its way.
alter table run.runs enable row level security;
alter table run.runs force row level security;
create policy runs_are_of_the_engines_of_the_login on run.runs
 using (coalesce(engine_id = any((
            select s.engine_ids
              from run.login_scopes as s
             where s.login = (session_user::text collate "default")
             order by s.scope_seq desc
             limit 1)::text[]), true));

commit;
