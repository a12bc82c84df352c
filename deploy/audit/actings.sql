-- Deploy mqk:audit/actings to pg
-- requires: rooms

begin;

set local role mqk_owner;

create table audit.actings (
    acting_id bigint      not null generated always as identity,
    xact_id   xid8        not null,
    login     text        not null,
    actor     text        not null,
    token_id  text        not null,
    acted_at  timestamptz not null,

    constraint actings_pkey primary key (acting_id),
    constraint actings_name_a_person check (actor ~ '^[^\n]{1,128}$')
);

comment on table audit.actings is
    $$In which transaction a login acted for the person behind a token; append-only.$$;
comment on column audit.actings.xact_id is
    $$The acting holds in this transaction and in no other: who knows acting_id gains nothing.$$;
comment on column audit.actings.login is $$session_user, a console's login.$$;
comment on column audit.actings.token_id is $$The public part of the token (ops.tokens).$$;

commit;
